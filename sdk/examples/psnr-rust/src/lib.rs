// PSNR of luma, as in psnr.c, in Rust and without a crate: GIFLAB_SDK=$HOME/.local cargo build --release
//
// It shows: the tables as statics, and callbacks whose panics stay behind the boundary (guarded).

#[allow(dead_code)]
mod giflab {
    include!(env!("GIFLAB_RS"));
}

use core::ffi::c_void;
use giflab::{text, Call, Failure, Image, Metric, Module, Output, Pair, Plugin, Setup, Status};

fn squared_error(call: &Call, reference: &Image, distorted: &Image) -> Result<u64, Failure> {
    let mut sum = 0;
    for y in 0..distorted.height {
        call.stop_if_cancelled()?;
        // SAFETY: LUMA8 is in the table's inputs; both images have the same size.
        let (a, b) = unsafe {
            (
                reference.row::<u8>(giflab::LUMA8, 0, y, 1),
                distorted.row::<u8>(giflab::LUMA8, 0, y, 1),
            )
        };
        sum += a
            .iter()
            .zip(b)
            .map(|(&p, &q)| u64::from(u32::from(p.abs_diff(q)).pow(2)))
            .sum::<u64>();
    }
    Ok(sum)
}

fn psnr(sum: u64, pixels: f64) -> f64 {
    if sum == 0 {
        return f64::INFINITY;
    }
    10.0 * (255.0 * 255.0 / (sum as f64 / pixels)).log10()
}

unsafe extern "C" fn measure(_: *mut c_void, call: *const Call, pairs: *const Pair, count: u32) -> Status {
    giflab::guarded(call, |call| {
        for i in 0..count {
            let pair = &*pairs.add(i as usize);
            let (reference, distorted) = (&*pair.reference, &*pair.distorted);
            let sum = squared_error(call, reference, distorted)?;
            let pixels = f64::from(distorted.width) * f64::from(distorted.height);
            call.set_score(i, 0, psnr(sum, pixels));
        }
        Ok(())
    })
}

unsafe extern "C" fn create(_: *const Call, _: *const Setup, _: *mut *mut c_void) -> Status {
    giflab::OK
}
unsafe extern "C" fn destroy(_: *mut c_void) {}

static OUTPUTS: [Output; 1] = [Output {
    id: text!("psnr_y"),
    help: text!("Peak signal-to-noise ratio of luma."),
    unit: text!("dB"),
    lowest: 0.0,
    highest: f64::INFINITY,
    identical: f64::INFINITY,
    direction: giflab::HIGHER_IS_BETTER,
    level: giflab::PER_FRAME,
    pool: giflab::POOL_DECIBEL_MEAN,
    ..Output::EMPTY
}];
static METRIC: Metric = Metric { measure: Some(measure), ..Metric::EMPTY };
static PSNR: Plugin = Plugin {
    id: text!("org.example.psnr_rust"),
    label: text!("PSNR"),
    version: text!("1"),
    vendor: text!("example"),
    license: text!("MIT"),
    help: text!("Mean squared error of luma, in decibels."),
    outputs: OUTPUTS.as_ptr(),
    output_count: OUTPUTS.len() as u32,
    inputs: giflab::bit(giflab::LUMA8),
    scope: giflab::SCOPE_FRAME,
    threads: giflab::REENTRANT,
    determinism: giflab::EXACT,
    cost: giflab::COST_10NS,
    batch: 8,
    metric: &METRIC,
    create: Some(create),
    destroy: Some(destroy),
    ..Plugin::EMPTY
};

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static giflab_module_entry: Module = Module::new(&[&PSNR], text!("example"));
