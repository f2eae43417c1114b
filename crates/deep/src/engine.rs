//! Where networks are computed: on this processor by the layers of this crate, or by an engine that the program brought along, such as
//! one for GPUs.

use std::sync::OnceLock;

use crate::error::{DeepError, Result};
use crate::layers::{LayerKind, Moments, Pass, dropout_factors};
use crate::network::Network;
use crate::tensor::Tensor;

/// What an engine returns; errors are words for people.
pub type EngineResult<T> = std::result::Result<T, String>;

/// Computes batches of networks in place of this crate's own layers. Everything else (excerpts, losses, steps, checkpoints, what is kept)
/// stays as it is.
pub trait Engine: Send + Sync {
    /// A place for a network of these layers.
    ///
    /// # Errors
    /// Where there is no device, or none that these layers fit on.
    fn open(&self, layers: &[LayerKind]) -> EngineResult<Box<dyn Worker>>;
}

/// One network on an engine.
pub trait Worker: Send + Sync {
    /// Takes over the arrays: of each layer what is learnt, then what is remembered, in the order in which [`LayerKind`] lists them.
    ///
    /// # Errors
    /// Of the device.
    fn put(&self, arrays: &[Vec<&[f32]>]) -> EngineResult<()>;

    /// What comes out in use: batch normalisation by what is remembered, and no dropout. An excerpt's numbers do not depend on the
    /// others. It may be called from several threads at once.
    ///
    /// # Errors
    /// Of the device.
    fn output(&self, x: Tensor) -> EngineResult<Tensor>;

    /// What comes out in training, and of each layer the mean and the variance (of which one less is divided by) of the batch, where it
    /// remembers them. What is needed for [`Worker::backward`] is kept. `factors` are, of each layer that leaves numbers out, what its
    /// input is multiplied by.
    ///
    /// # Errors
    /// Of the device.
    fn forward(&self, x: Tensor, factors: Vec<Option<Vec<f32>>>) -> EngineResult<(Tensor, Vec<Moments>)>;

    /// From the gradient of what the last [`Worker::forward`] gave to those of all that is learnt, in the order of [`Worker::put`].
    ///
    /// # Errors
    /// Of the device, and where nothing went forward before.
    fn backward(&self, gradient: Tensor) -> EngineResult<Vec<Vec<f32>>>;
}

static ENGINE: OnceLock<Box<dyn Engine>> = OnceLock::new();

/// Lets this process compute its networks by `engine`, from now on. A program says so once, before the first network.
///
/// # Errors
/// `Engine` where it has one.
pub fn use_engine(engine: Box<dyn Engine>) -> Result<()> {
    ENGINE
        .set(engine)
        .map_err(|_| DeepError::Engine("there is one already".into()))
}

/// The engine of this process.
pub(crate) fn engine() -> Option<&'static dyn Engine> {
    ENGINE.get().map(|engine| &**engine)
}

/// A network where it is computed.
pub(crate) enum Place<'a> {
    Here(&'a Network),
    There(&'a dyn Worker),
}

impl Place<'_> {
    /// What comes out in use.
    pub(crate) fn output(&self, x: Tensor) -> Result<Tensor> {
        match self {
            Self::Here(network) => Ok(network.output(x)),
            Self::There(worker) => worker.output(x).map_err(DeepError::Engine),
        }
    }
}

/// Calls with the network at a place of the engine, or here where there is none.
pub(crate) fn placed<T>(
    network: &Network,
    engine: Option<&dyn Engine>,
    with: impl FnOnce(&Place<'_>) -> Result<T>,
) -> Result<T> {
    let Some(engine) = engine else {
        return with(&Place::Here(network));
    };
    let worker = engine.open(&network.kinds()).map_err(DeepError::Engine)?;
    put(&*worker, network)?;
    with(&Place::There(&*worker))
}

/// The network's arrays, as they are now.
pub(crate) fn put(worker: &dyn Worker, network: &Network) -> Result<()> {
    worker.put(&network.slices()).map_err(DeepError::Engine)
}

/// Gradients of all parameters in a training step, and the moments of the batch; `judge` makes the gradient of what came out.
pub(crate) fn gradients(
    network: &Network,
    worker: Option<&dyn Worker>,
    x: Tensor,
    pass: impl Fn(usize) -> Pass,
    judge: impl FnOnce(&Tensor) -> Result<Tensor>,
) -> Result<(Vec<Vec<f32>>, Vec<Moments>)> {
    let Some(worker) = worker else {
        let mut run = network.run(x, pass);
        let moments = std::mem::take(&mut run.moments);
        let gradient = judge(&run.out)?;
        return Ok((run.backward(gradient, false).0, moments));
    };
    let (mut factors, mut shape) = (Vec::new(), x.shape);
    for (index, layer) in network.layers().enumerate() {
        factors.push(match layer.kind() {
            LayerKind::Dropout(share) => dropout_factors(share, shape.len(), pass(index)),
            _ => None,
        });
        shape = layer
            .shape(shape)
            .ok_or_else(|| DeepError::Engine("a batch does not fit the network".into()))?;
    }
    put(worker, network)?;
    let (out, moments) = worker.forward(x, factors).map_err(DeepError::Engine)?;
    if out.shape != shape || moments.len() != network.layers().count() {
        return Err(DeepError::Engine("what came out has another shape".into()));
    }
    let gradient = judge(&out)?;
    let gradients = worker.backward(gradient).map_err(DeepError::Engine)?;
    let fit = network.parameters().map(|array| array.values.len());
    if !gradients.iter().map(Vec::len).eq(fit) {
        return Err(DeepError::Engine("its gradients have other shapes".into()));
    }
    Ok((gradients, moments))
}

#[cfg(test)]
mod tests;
