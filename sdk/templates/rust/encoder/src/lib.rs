//! Makes one GIF file from another.

mod copy_bytes;
#[allow(dead_code)]
mod giflab; // the whole SDK: a copy of the file that giflab is installed with

use copy_bytes::{copy_bytes, Ended};
use core::ffi::c_void;
use giflab::{failure, text, Call, Encoder, Failure, Module, Plugin, Setup, Status, Text};
use std::ffi::{CStr, OsStr};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A path is bytes, of any kind but NUL.
unsafe fn path<'a>(text: Text) -> &'a Path {
    Path::new(OsStr::from_bytes(CStr::from_ptr(text.cast()).to_bytes()))
}

fn copy_file(call: &Call, source: &Path, target: &Path) -> Result<(), Failure> {
    let io = |what: &str, error: std::io::Error| failure(giflab::IO, &format!("{what}: {error}"));
    let mut from = File::open(source).map_err(|error| io("the source cannot be read", error))?;
    let mut to = File::create(target).map_err(|error| io("the target cannot be written", error))?;
    copy_bytes(&mut from, &mut to, || call.stop_if_cancelled()).map_err(|ended| {
        let _ = std::fs::remove_file(target); // no half a file is left; the first error is the one to tell
        match ended {
            Ended::Stopped(why) => why,
            Ended::Failed(error) => io("the source cannot be copied whole", error),
        }
    })
}

unsafe extern "C" fn transcode(_: *mut c_void, call: *const Call, source: Text, target: Text) -> Status {
    giflab::guarded(call, |call| copy_file(call, path(source), path(target)))
}

unsafe extern "C" fn create(_: *const Call, _: *const Setup, _: *mut *mut c_void) -> Status {
    giflab::OK // there is no state
}
unsafe extern "C" fn destroy(_: *mut c_void) {}

static ENCODER: Encoder =
    Encoder { extension: text!("gif"), transcode: Some(transcode), ..Encoder::EMPTY };
static PLUGIN: Plugin = Plugin {
    id: text!("org.example.@name@"),
    label: text!("@name@"),
    version: text!("1"),
    vendor: text!("example"),
    license: text!("MIT"),
    help: text!("Copies a GIF."),
    scope: giflab::SCOPE_FILE,
    threads: giflab::REENTRANT,
    determinism: giflab::EXACT,
    cost: giflab::COST_10NS,
    encoder: &ENCODER,
    create: Some(create),
    destroy: Some(destroy),
    ..Plugin::EMPTY
};

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static giflab_module_entry: Module = Module::new(&[&PLUGIN], text!("@name@"));
