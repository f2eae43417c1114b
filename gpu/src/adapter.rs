//! Which device computes.

use wgpu::{
    Adapter, DeviceDescriptor, DeviceType, Instance, InstanceDescriptor, MemoryHints, PowerPreference, Queue,
    RequestAdapterOptions,
};

/// What names the device to take, by a part of its name.
const NAME: &str = "WGPU_ADAPTER_NAME";

/// A part of a name to look for, where somebody asked for one.
pub(crate) fn asked() -> Option<String> {
    std::env::var(NAME).ok().filter(|name| !name.is_empty())
}

/// The device that is asked for by a part of its name, else the quickest that is no processor.
pub(crate) fn choose(asked: Option<&str>) -> Result<Adapter, String> {
    let instance = Instance::new(InstanceDescriptor::new_without_display_handle_from_env());
    let all = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    let names = || {
        let names: Vec<String> = all.iter().map(|adapter| adapter.get_info().name).collect();
        if names.is_empty() {
            "there is none at all".to_owned()
        } else {
            format!("there are: {}", names.join(", "))
        }
    };
    if let Some(name) = asked {
        let wanted = name.to_lowercase();
        let fits = |adapter: &&Adapter| adapter.get_info().name.to_lowercase().contains(&wanted);
        let missing = || format!("no graphics device has {name} in its name ({NAME}); {}", names());
        return all.iter().find(fits).cloned().ok_or_else(missing);
    }
    let options = RequestAdapterOptions {
        power_preference: PowerPreference::HighPerformance,
        ..RequestAdapterOptions::default()
    };
    let found = pollster::block_on(instance.request_adapter(&options)).ok();
    found
        .filter(|adapter| adapter.get_info().device_type != DeviceType::Cpu)
        .ok_or_else(|| {
            format!(
                "no GPU was found ({}); the command `cratedigger` computes networks on the processor, and {NAME}=llvmpipe takes a driver \
                 that does so in the place of a GPU",
                names()
            )
        })
}

/// Opens it, with all that it can hold.
pub(crate) fn open(adapter: &Adapter) -> Result<(wgpu::Device, Queue), String> {
    let descriptor = DeviceDescriptor {
        required_limits: adapter.limits(),
        memory_hints: MemoryHints::Performance,
        ..DeviceDescriptor::default()
    };
    pollster::block_on(adapter.request_device(&descriptor)).map_err(|error| error.to_string())
}
