//! Networks on the frames of recordings, computed on a GPU: an engine for `cratedigger-deep`.
//!
//! ```text
//! cratedigger-deep (excerpts, losses, steps, checkpoints) ──Worker──> worker ──> layers ──> device ──wgpu──> Vulkan, Metal, DirectX 12
//!                                                                               kernels (WGSL)
//! ```
//!
//! | to change | look into |
//! |---|---|
//! | which device is taken | `adapter.rs` |
//! | buffers, what is sent and read back | `device.rs` |
//! | what a layer computes, or a new one | `layers/`, `kernels/` |
//!
//! Numbers are single precision and sums have a fixed order, so that the same device and driver give the same bits again; another one
//! gives other last bits.

mod adapter;
mod device;
mod engine;
mod kernels;
mod layers;
mod worker;

pub use engine::Gpu;
