//! The device: buffers that are used again, kernels that are compiled once, work that is recorded, sent and read back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use wgpu::util::{BufferInitDescriptor, DeviceExt};
use wgpu::{
    BindGroupDescriptor, BindGroupEntry, BufferDescriptor, BufferUsages, CommandEncoder,
    CommandEncoderDescriptor, ComputePassDescriptor, ComputePipeline, ComputePipelineDescriptor, MapMode,
    PollType, Queue, ShaderModuleDescriptor, ShaderSource,
};

use crate::kernels::Kernel;

/// Most workgroups of one direction.
const MOST_GROUPS: u32 = 65_535;

/// Numbers that one workgroup writes, of kernels that are told by the number that they write.
const GROUP: u32 = 256;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Buffers that nobody uses any more, by their size.
type Pool = Arc<Mutex<HashMap<u64, Vec<wgpu::Buffer>>>>;

/// Numbers on the device. A buffer of the pool goes back to it.
pub(crate) struct Numbers {
    buffer: wgpu::Buffer,
    len: usize,
    pool: Option<Pool>,
}

impl Drop for Numbers {
    fn drop(&mut self) {
        if let Some(pool) = &self.pool {
            let mut pool = lock(pool);
            pool.entry(self.buffer.size())
                .or_default()
                .push(self.buffer.clone());
        }
    }
}

impl Numbers {
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

/// A device, opened.
pub(crate) struct Device {
    device: wgpu::Device,
    queue: Queue,
    kernels: Mutex<HashMap<Kernel, ComputePipeline>>,
    pool: Pool,
    failed: Arc<Mutex<Option<String>>>,
    turn: Mutex<()>,
}

impl Device {
    pub(crate) fn new((device, queue): (wgpu::Device, Queue)) -> Self {
        let failed = Arc::new(Mutex::new(None));
        let (first, lost) = (Arc::clone(&failed), Arc::clone(&failed));
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            lock(&first).get_or_insert_with(|| error.to_string());
        }));
        device.set_device_lost_callback(move |_, reason| {
            lock(&lost).get_or_insert_with(|| format!("it was lost: {reason}"));
        });
        Self {
            device,
            queue,
            kernels: Mutex::default(),
            pool: Arc::default(),
            failed,
            turn: Mutex::default(),
        }
    }

    /// The first error of the device, after which nothing that it says is of use.
    fn check(&self) -> Result<(), String> {
        lock(&self.failed).clone().map_or(Ok(()), Err)
    }

    /// Room for numbers, of any content.
    pub(crate) fn room(&self, len: usize) -> Numbers {
        let size = (len.max(1) as u64 * 4).next_multiple_of(256);
        let used = lock(&self.pool).get_mut(&size).and_then(Vec::pop);
        let fresh = || {
            self.device.create_buffer(&BufferDescriptor {
                label: None,
                size,
                usage: BufferUsages::STORAGE | BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            })
        };
        Numbers {
            buffer: used.unwrap_or_else(fresh),
            len,
            pool: Some(Arc::clone(&self.pool)),
        }
    }

    /// Numbers that are there before anything that is recorded later. They are not of the pool, since what was recorded and not sent may
    /// still use a buffer of it.
    pub(crate) fn numbers(&self, values: &[f32]) -> Numbers {
        let some = if values.is_empty() { &[0.0][..] } else { values };
        let buffer = self.device.create_buffer_init(&BufferInitDescriptor {
            label: None,
            contents: &bytes(some),
            usage: BufferUsages::STORAGE | BufferUsages::COPY_DST,
        });
        Numbers {
            buffer,
            len: values.len(),
            pool: None,
        }
    }

    /// Replaces the numbers of [`Device::numbers`], before anything that is sent later.
    pub(crate) fn replace(&self, numbers: &Numbers, values: &[f32]) {
        self.queue.write_buffer(&numbers.buffer, 0, &bytes(values));
    }

    /// What is to be done, one after the other.
    pub(crate) fn record(&self) -> Record<'_> {
        let turn = lock(&self.turn);
        Record {
            device: self,
            encoder: self
                .device
                .create_command_encoder(&CommandEncoderDescriptor::default()),
            error: None,
            _turn: turn,
        }
    }

    fn kernel(&self, kernel: Kernel) -> ComputePipeline {
        let mut kernels = lock(&self.kernels);
        let compile = || {
            let source = kernel.source();
            let module = self.device.create_shader_module(ShaderModuleDescriptor {
                label: Some(kernel.name()),
                source: ShaderSource::Wgsl(source.into()),
            });
            self.device.create_compute_pipeline(&ComputePipelineDescriptor {
                label: Some(kernel.name()),
                layout: None,
                module: &module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        };
        kernels.entry(kernel).or_insert_with(compile).clone()
    }
}

/// Work that is recorded.
pub(crate) struct Record<'a> {
    pub(crate) device: &'a Device,
    encoder: CommandEncoder,
    error: Option<String>,
    // one at a time: a buffer that goes back to the pool is still used by what is recorded
    _turn: MutexGuard<'a, ()>,
}

impl Record<'_> {
    /// Runs a kernel: its sizes, what it reads and writes in the order of its bindings, and how many workgroups there are.
    pub(crate) fn run(&mut self, kernel: Kernel, sizes: &[usize], numbers: &[&Numbers], groups: [usize; 3]) {
        let mut words = Vec::new();
        for &size in sizes {
            match u32::try_from(size) {
                Ok(word) => words.extend(word.to_le_bytes()),
                Err(_) => self.refuse(),
            }
        }
        let most = MOST_GROUPS as usize;
        let [x, y, z] = groups.map(|n| if n <= most { n as u32 } else { 0 });
        if x * y * z == 0 || self.error.is_some() {
            return self.refuse();
        }
        let device = &self.device.device;
        let sizes = device.create_buffer_init(&BufferInitDescriptor {
            label: None,
            contents: &words,
            usage: BufferUsages::UNIFORM,
        });
        let pipeline = self.device.kernel(kernel);
        let entries: Vec<_> = std::iter::once(&sizes)
            .chain(numbers.iter().map(|numbers| &numbers.buffer))
            .zip(0..)
            .map(|(buffer, binding)| BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let group = device.create_bind_group(&BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let mut pass = self.encoder.begin_compute_pass(&ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(x, y, z);
    }

    /// Runs a kernel that is told by the number that it writes, of `len`.
    pub(crate) fn each(&mut self, kernel: Kernel, len: usize, sizes: &[usize], numbers: &[&Numbers]) {
        let groups = len.div_ceil(GROUP as usize);
        let y = groups.div_ceil(MOST_GROUPS as usize).max(1);
        let sizes: Vec<usize> = std::iter::once(len).chain(sizes.iter().copied()).collect();
        self.run(kernel, &sizes, numbers, [groups.div_ceil(y), y, 1]);
    }

    fn refuse(&mut self) {
        let too_large = || "the batch is too large for the device; a smaller batch_size may help".to_owned();
        self.error.get_or_insert_with(too_large);
    }

    /// Sends it, waits, and reads these numbers.
    pub(crate) fn read(mut self, wanted: &[&Numbers]) -> Result<Vec<Vec<f32>>, String> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let Device { device, queue, .. } = self.device;
        let sizes: Vec<u64> = wanted.iter().map(|numbers| numbers.len as u64 * 4).collect();
        let staging = device.create_buffer(&BufferDescriptor {
            label: None,
            size: sizes.iter().sum::<u64>().max(4),
            usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut at = 0;
        for (numbers, &size) in wanted.iter().zip(&sizes) {
            if size > 0 {
                self.encoder
                    .copy_buffer_to_buffer(&numbers.buffer, 0, &staging, at, size);
            }
            at += size;
        }
        let sent = queue.submit([self.encoder.finish()]);
        self.device.check()?;
        let (tell, told) = mpsc::channel();
        staging.map_async(MapMode::Read, .., move |done| {
            // nobody listens any more where waiting failed
            let _ = tell.send(done);
        });
        let wait = PollType::Wait {
            submission_index: Some(sent),
            timeout: None,
        };
        device.poll(wait).map_err(|error| error.to_string())?;
        self.device.check()?;
        let mapped = told.recv().map_err(|error| error.to_string())?;
        mapped.map_err(|error| error.to_string())?;
        let view = staging.get_mapped_range(..).map_err(|error| error.to_string())?;
        let (words, _) = view.as_chunks::<4>();
        let mut words = words.iter().map(|&word| f32::from_le_bytes(word));
        let read = |&size: &u64| words.by_ref().take(size as usize / 4).collect();
        Ok(sizes.iter().map(read).collect())
    }
}
