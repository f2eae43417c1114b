//! A network on the device.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use cratedigger_deep::{EngineResult, LayerKind, Moments, Shape, Tensor, Worker};

use crate::device::{Device, Numbers};
use crate::layers::{Arrays, Kept, Map, backward, derived, forward};

/// A network on the device, with what the last batch of a training left.
pub(crate) struct Network {
    device: Arc<Device>,
    layers: Vec<LayerKind>,
    arrays: RwLock<Vec<Arrays>>,
    kept: Mutex<Option<(Vec<Kept>, Shape)>>,
}

impl Network {
    pub(crate) fn new(device: Arc<Device>, layers: &[LayerKind]) -> Self {
        Self {
            device,
            layers: layers.to_vec(),
            arrays: RwLock::default(),
            kept: Mutex::default(),
        }
    }

    fn upload(&self, x: &Tensor) -> Map {
        Map {
            shape: x.shape,
            numbers: self.device.numbers(&x.values),
        }
    }
}

impl Worker for Network {
    fn put(&self, arrays: &[Vec<&[f32]>]) -> EngineResult<()> {
        if arrays.len() != self.layers.len() {
            return Err(format!(
                "{} layers have arrays of {}",
                self.layers.len(),
                arrays.len()
            ));
        }
        let mut there = self.arrays.write().unwrap_or_else(PoisonError::into_inner);
        let first = there.is_empty();
        for (index, (&kind, values)) in self.layers.iter().zip(arrays).enumerate() {
            let derived = derived(kind, values);
            let all = values.iter().copied().chain(derived.as_deref());
            if first {
                there.push(all.map(|values| self.device.numbers(values)).collect());
                continue;
            }
            for (numbers, values) in there[index].iter().zip(all) {
                if numbers.len() != values.len() {
                    return Err(format!("an array of layer {index} has another size than before"));
                }
                self.device.replace(numbers, values);
            }
        }
        Ok(())
    }

    fn output(&self, x: Tensor) -> EngineResult<Tensor> {
        let arrays = self.arrays.read().unwrap_or_else(PoisonError::into_inner);
        let mut map = self.upload(&x);
        let mut record = self.device.record();
        for (&kind, arrays) in self.layers.iter().zip(&*arrays) {
            map = forward(&mut record, kind, arrays, map, false, None).0;
        }
        let read = record.read(&[&map.numbers])?;
        Ok(tensor(map.shape, read))
    }

    fn forward(&self, x: Tensor, factors: Vec<Option<Vec<f32>>>) -> EngineResult<(Tensor, Vec<Moments>)> {
        let arrays = self.arrays.read().unwrap_or_else(PoisonError::into_inner);
        let mut map = self.upload(&x);
        let mut record = self.device.record();
        let mut all = Vec::new();
        for ((&kind, arrays), factors) in self.layers.iter().zip(&*arrays).zip(&factors) {
            let (out, kept) = forward(&mut record, kind, arrays, map, true, factors.as_deref());
            all.push(kept);
            map = out;
        }
        let mut wanted = vec![&map.numbers];
        wanted.extend(all.iter().filter_map(table_of).map(|(numbers, _)| numbers));
        let mut read = record.read(&wanted)?.into_iter();
        let out: Vec<Vec<f32>> = read.by_ref().take(1).collect();
        let moments = all
            .iter()
            .map(|kept| {
                let (_, c) = table_of(kept)?;
                let table = read.next()?;
                Some([table[..c].to_vec(), table[4 * c..].to_vec()])
            })
            .collect();
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((all, map.shape));
        Ok((tensor(map.shape, out), moments))
    }

    fn backward(&self, gradient: Tensor) -> EngineResult<Vec<Vec<f32>>> {
        let arrays = self.arrays.read().unwrap_or_else(PoisonError::into_inner);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (kept, shape) = kept.ok_or("no batch went forward")?;
        if shape != gradient.shape {
            return Err("a gradient has another shape than what came out".into());
        }
        let mut map = Some(self.upload(&gradient));
        let mut record = self.device.record();
        let mut learnt: Vec<Vec<Numbers>> = Vec::new();
        let layers = self.layers.iter().zip(&*arrays).zip(kept);
        for (index, ((&kind, arrays), kept)) in layers.enumerate().rev() {
            let Some(gradient) = map.take() else { break };
            let (input, of_layer) = backward(&mut record, kind, arrays, kept, gradient, index > 0);
            learnt.push(of_layer);
            map = input;
        }
        let wanted: Vec<&Numbers> = learnt.iter().rev().flatten().collect();
        record.read(&wanted)
    }
}

/// The table of a batch normalisation, and the number of its channels.
fn table_of(kept: &Kept) -> Option<(&Numbers, usize)> {
    match kept {
        Kept::Norm(norm) => Some(norm.table()),
        _ => None,
    }
}

fn tensor(shape: Shape, read: Vec<Vec<f32>>) -> Tensor {
    Tensor::new(shape, read.into_iter().flatten().collect())
}
