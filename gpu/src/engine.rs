//! The GPU as an engine.

use std::sync::{Arc, OnceLock};

use cratedigger_deep::{Engine, EngineResult, LayerKind, Worker};

use crate::adapter;
use crate::device::Device;
use crate::worker::Network;

/// A GPU. It is looked for when the first network is computed, so that a program that computes none needs none.
pub struct Gpu {
    asked: Option<String>,
    device: OnceLock<Result<Arc<Device>, String>>,
    on_open: Box<dyn Fn(&str) + Send + Sync>,
}

impl Gpu {
    /// The device that has the words of the environment's `WGPU_ADAPTER_NAME` in its name, else the quickest that is no processor.
    /// `on_open` is told its name, once.
    pub fn new(on_open: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self::with(adapter::asked(), on_open)
    }

    /// The device with this in its name, be it a driver that computes on the processor (Mesa's `llvmpipe`).
    pub fn named(name: &str, on_open: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self::with(Some(name.to_owned()), on_open)
    }

    fn with(asked: Option<String>, on_open: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            asked,
            device: OnceLock::new(),
            on_open: Box::new(on_open),
        }
    }

    fn device(&self) -> Result<Arc<Device>, String> {
        let open = || {
            let adapter = adapter::choose(self.asked.as_deref())?;
            let info = adapter.get_info();
            let device = Device::new(adapter::open(&adapter)?);
            (self.on_open)(&format!("{} ({})", info.name, info.backend));
            Ok(Arc::new(device))
        };
        self.device.get_or_init(open).clone()
    }
}

impl Engine for Gpu {
    fn open(&self, layers: &[LayerKind]) -> EngineResult<Box<dyn Worker>> {
        Ok(Box::new(Network::new(self.device()?, layers)))
    }
}
