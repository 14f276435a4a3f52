//! Inverts the colours of every picture.

#[allow(dead_code)]
mod giflab; // the whole SDK: a copy of the file that giflab is installed with
mod invert;

use core::ffi::c_void;
use giflab::{failure, text, Call, Clip, Failure, Filter, Image, Module, Plugin, Setup, Sink, Status};

unsafe extern "C" fn plan(_: *mut c_void, source: *const Clip, result: *mut Clip) -> Status {
    *result = *source; // as many pictures, as large, as long
    giflab::OK
}

unsafe fn paint(call: &Call, image: &Image, sink: &Sink) -> Result<(), Failure> {
    let canvas = (sink.open)(sink, image.start_us, image.duration_us);
    if canvas.is_null() {
        return Err(failure(giflab::NO_MEMORY, "no memory for a picture"));
    }
    for y in 0..image.height {
        call.stop_if_cancelled()?;
        let from = image.row::<u8>(giflab::RGBA8, 0, y, 4);
        let start = ((*canvas).data as *mut u8).add(y as usize * (*canvas).stride);
        invert::invert(from, core::slice::from_raw_parts_mut(start, from.len()));
    }
    match (sink.put)(sink, canvas) {
        giflab::OK => Ok(()),
        status => Err(failure(status, "the picture was not taken")),
    }
}

unsafe extern "C" fn apply(
    _: *mut c_void,
    call: *const Call,
    image: *const Image,
    sink: *const Sink,
) -> Status {
    giflab::guarded(call, |call| paint(call, &*image, &*sink))
}

unsafe extern "C" fn create(_: *const Call, _: *const Setup, _: *mut *mut c_void) -> Status {
    giflab::OK // there is no state
}
unsafe extern "C" fn destroy(_: *mut c_void) {}

static FILTER: Filter = Filter { plan: Some(plan), apply: Some(apply) };
static PLUGIN: Plugin = Plugin {
    id: text!("org.example.@name@"),
    label: text!("@name@"),
    version: text!("1"),
    vendor: text!("example"),
    license: text!("MIT"),
    help: text!("Inverts the colours of every picture."),
    inputs: giflab::bit(giflab::RGBA8),
    scope: giflab::SCOPE_FRAME,
    threads: giflab::REENTRANT,
    determinism: giflab::EXACT,
    cost: giflab::COST_10NS,
    filter: &FILTER,
    create: Some(create),
    destroy: Some(destroy),
    ..Plugin::EMPTY
};

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static giflab_module_entry: Module = Module::new(&[&PLUGIN], text!("@name@"));
