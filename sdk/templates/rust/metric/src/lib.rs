//! The mean absolute difference of luma.

mod absolute_difference;
#[allow(dead_code)]
mod giflab; // the whole SDK: a copy of the file that giflab is installed with

use absolute_difference::absolute_difference;
use core::ffi::c_void;
use giflab::{text, Call, Failure, Image, Metric, Module, Output, Pair, Plugin, Setup, Status};

fn mean_difference(call: &Call, reference: &Image, distorted: &Image) -> Result<f64, Failure> {
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
        sum += absolute_difference(a, b);
    }
    Ok(sum as f64 / (f64::from(distorted.width) * f64::from(distorted.height)))
}

unsafe extern "C" fn measure(_: *mut c_void, call: *const Call, pairs: *const Pair, count: u32) -> Status {
    giflab::guarded(call, |call| {
        for i in 0..count {
            let pair = &*pairs.add(i as usize);
            call.set_score(i, 0, mean_difference(call, &*pair.reference, &*pair.distorted)?);
        }
        Ok(())
    })
}

unsafe extern "C" fn create(_: *const Call, _: *const Setup, _: *mut *mut c_void) -> Status {
    giflab::OK // there is no state
}
unsafe extern "C" fn destroy(_: *mut c_void) {}

static OUTPUTS: [Output; 1] = [Output {
    id: text!("@name@"),
    help: text!("Mean absolute difference of luma."),
    unit: text!("levels"),
    lowest: 0.0,
    highest: 255.0,
    identical: 0.0,
    direction: giflab::LOWER_IS_BETTER,
    level: giflab::PER_FRAME,
    pool: giflab::POOL_MEAN,
    ..Output::EMPTY
}];
static METRIC: Metric = Metric { measure: Some(measure), ..Metric::EMPTY };
static PLUGIN: Plugin = Plugin {
    id: text!("org.example.@name@"),
    label: text!("@name@"),
    version: text!("1"),
    vendor: text!("example"),
    license: text!("MIT"),
    help: text!("Mean absolute difference of luma."),
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
pub static giflab_module_entry: Module = Module::new(&[&PLUGIN], text!("@name@"));
