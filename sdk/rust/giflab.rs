// The giflab plugin ABI 1.0 for Rust: the same tables as giflab/abi.h, frame.h, host.h and plugin.h, in the same
// order and under the same names without their prefix (giflab_plugin is Plugin, GIFLAB_LUMA8 is LUMA8). What they
// mean is written there; only what differs in Rust is said here. A test compares every size and offset.
//
// One file, no crate: put it beside lib.rs and say `#[allow(dead_code)] mod giflab;`. rustc 1.63 and later.
// Everything down to "Sugar" needs core alone.

use core::ffi::c_void;
use core::ptr::null;

// ---- abi.h

pub const MAGIC: u32 = 0x4C46_4947;
pub const ABI_MAJOR: u16 = 1;
pub const ABI_MINOR: u16 = 0; // of this file; Module::new declares the oldest minor that has what it uses: 0

/// NUL-terminated UTF-8, as text!() makes it.
pub type Text = *const u8;

/// A constant string for the tables.
macro_rules! text {
    ($text:expr) => {
        concat!($text, "\0").as_ptr()
    };
}
#[allow(unused_imports)]
pub(crate) use text;

pub type Status = i32;
pub const OK: Status = 0;
pub const CANCELLED: Status = 1;
pub const UNSUPPORTED: Status = 2;
pub const INVALID: Status = 3;
pub const NO_MEMORY: Status = 4;
pub const DEVICE: Status = 5;
pub const IO: Status = 6;
pub const TIMEOUT: Status = 7;
pub const INTERNAL: Status = 8;

// ---- frame.h

pub const RGBA8: u32 = 0;
pub const RGB8: u32 = 1;
pub const INDEX8: u32 = 2;
pub const LUMA8: u32 = 3;
pub const LUMA_F32: u32 = 4;
pub const RGB_F32: u32 = 5;
pub const LINEAR_F32: u32 = 6;
pub const XYB_F32: u32 = 7;
pub const LAB_F32: u32 = 8;
pub const fn bit(index: u32) -> u32 {
    1 << index
}

pub const MEMORY_HOST: u32 = 0;
pub const MEMORY_CUDA: u32 = 1;

/// Pixels of a side of the squares of [`Image::changed_squares`].
pub const CHANGED_SIDE: i32 = 16;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Plane {
    pub data: *const c_void,
    pub stride: usize,
}

#[repr(C)]
pub struct View {
    pub representation: u32,
    pub memory: u32,
    pub plane_count: u32,
    pub bytes_per_pixel: u32,
    pub planes: [Plane; 4],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct IndexPair {
    pub reference: u8,
    pub distorted: u8,
    pub reserved: u16,
    pub pixels: u32,
}

#[repr(C)]
pub struct Image {
    pub width: i32,
    pub height: i32,
    pub index: i64,
    pub start_us: i64,
    pub duration_us: i64,
    pub content: u64,
    pub changed_x: i32,
    pub changed_y: i32,
    pub changed_width: i32,
    pub changed_height: i32,
    pub previous: *const Image,
    pub views: *const *const View,
    pub changed_squares: *const u8,
    pub index_pairs: *const IndexPair,
    pub index_pair_count: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Pair {
    pub reference: *const Image,
    pub distorted: *const Image,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Clip {
    pub width: i32,
    pub height: i32,
    pub frame_count: i64,
    pub duration_us: i64,
    pub loop_count: i32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Showing {
    pub start_us: i64,
    pub duration_us: i64,
    pub content: u64,
}

#[repr(C)]
pub struct File {
    pub path: Text,
    pub bytes: u64,
    pub clip: *const Clip,
    pub showings: *const Showing,
    pub showing_count: u64,
}

#[repr(C)]
pub struct Comparison {
    pub reference: *const File,
    pub distorted: *const File,
    pub dropped: i64,
    pub duplicated: i64,
    pub reordered: i64,
    pub max_drift_us: i64,
}

// ---- host.h

pub const LOG_DEBUG: i32 = 0;
pub const LOG_INFO: i32 = 1;
pub const LOG_WARNING: i32 = 2;
pub const LOG_ERROR: i32 = 3;

#[repr(C)]
pub struct Host {
    pub abi_minor: u32,
    pub reserved: u32,
    pub name: Text,
    pub version: Text,
    pub query: unsafe extern "C" fn(host: *const Host, id: Text) -> *const c_void,
    pub log: unsafe extern "C" fn(host: *const Host, level: i32, message: Text),
}

#[repr(C)]
pub struct Call {
    pub host: *const Host,
    pub seed: u64,
    pub cancelled: unsafe extern "C" fn(call: *const Call) -> bool,
    pub progress: unsafe extern "C" fn(call: *const Call, fraction: f64),
    pub scratch: unsafe extern "C" fn(call: *const Call, memory: u32, bytes: usize) -> *mut c_void,
    pub fail: unsafe extern "C" fn(call: *const Call, status: Status, message: Text) -> Status,
    pub score: unsafe extern "C" fn(call: *const Call, pair: u32, output: u32, value: f64),
}

pub const MODELS: Text = text!("giflab.models/1");
#[repr(C)]
pub struct Model {
    pub data: *const c_void,
    pub size: usize,
    pub path: Text,
}
#[repr(C)]
pub struct Models {
    pub acquire: unsafe extern "C" fn(
        call: *const Call,
        id: Text,
        memory: u32,
        model: *mut *const Model,
    ) -> Status,
    pub release: unsafe extern "C" fn(host: *const Host, model: *const Model),
    pub get: unsafe extern "C" fn(
        call: *const Call,
        key: Text,
        make: unsafe extern "C" fn(*const Call, user: *mut c_void, object: *mut *mut c_void) -> Status,
        drop: unsafe extern "C" fn(object: *mut c_void),
        user: *mut c_void,
        object: *mut *mut c_void,
    ) -> Status,
    pub put: unsafe extern "C" fn(host: *const Host, object: *mut c_void),
}

pub const TASKS: Text = text!("giflab.tasks/1");
#[repr(C)]
pub struct Tasks {
    pub run: unsafe extern "C" fn(
        call: *const Call,
        count: u32,
        body: unsafe extern "C" fn(user: *mut c_void, i: u32, lane: u32) -> Status,
        user: *mut c_void,
    ) -> Status,
    pub lanes: unsafe extern "C" fn(call: *const Call) -> u32,
}

pub const FILES: Text = text!("giflab.files/1");
#[repr(C)]
pub struct Files {
    pub temporary: unsafe extern "C" fn(call: *const Call, suffix: Text) -> Text,
}

pub const PROCESSES: Text = text!("giflab.processes/1");
#[repr(C)]
pub struct Process {
    pub size: u32,
    pub timeout_ms: i32,
    pub argv: *const Text,
    pub directory: Text,
    pub memory_limit: usize,
    pub exit_code: i32,
    pub signal: i32,
    pub output: Text,
}
#[repr(C)]
pub struct Processes {
    pub run: unsafe extern "C" fn(call: *const Call, process: *mut Process) -> Status,
}

pub const CACHE: Text = text!("giflab.cache/1");
#[repr(C)]
pub struct Cache {
    pub get: unsafe extern "C" fn(call: *const Call, key: Text, size: *mut usize) -> *const c_void,
    pub put: unsafe extern "C" fn(call: *const Call, key: Text, data: *const c_void, size: usize),
}

pub const CUDA: Text = text!("giflab.cuda/1");
#[repr(C)]
pub struct Cuda {
    pub context: unsafe extern "C" fn(call: *const Call) -> *mut c_void,
    pub stream: unsafe extern "C" fn(call: *const Call) -> *mut c_void,
    pub ordinal: unsafe extern "C" fn(call: *const Call) -> i32,
}

// ---- plugin.h. Each table has an EMPTY: what C leaves out of an initialiser, `..Plugin::EMPTY` leaves out here.

pub const BOOL: u32 = 0;
pub const INT: u32 = 1;
pub const REAL: u32 = 2;
pub const CHOICE: u32 = 3;
pub const TEXT: u32 = 4;
pub const PATH: u32 = 5;
pub const PARAM_SPEED_ONLY: u32 = 1 << 0;
pub const PARAM_ADVANCED: u32 = 1 << 1;

#[repr(C)]
pub struct Param {
    pub id: Text,
    pub help: Text,
    pub unit: Text,
    pub kind: u32,
    pub flags: u32,
    pub lowest: f64,
    pub highest: f64,
    pub initial: f64,
    pub choices: *const Text,
    pub initial_text: Text,
}
impl Param {
    pub const EMPTY: Param = Param {
        id: null(),
        help: null(),
        unit: null(),
        kind: BOOL,
        flags: 0,
        lowest: 0.0,
        highest: 0.0,
        initial: 0.0,
        choices: null(),
        initial_text: null(),
    };
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Value {
    pub number: f64,
    pub text: Text,
}

pub const NEITHER_IS_BETTER: u32 = 0;
pub const HIGHER_IS_BETTER: u32 = 1;
pub const LOWER_IS_BETTER: u32 = 2;
pub const PER_FRAME: u32 = 0;
pub const PER_CLIP: u32 = 1;
pub const POOL_MEAN: u32 = 0;
pub const POOL_HARMONIC_MEAN: u32 = 1;
pub const POOL_MIN: u32 = 2;
pub const POOL_MAX: u32 = 3;
pub const POOL_P05: u32 = 4;
pub const POOL_P95: u32 = 5;
pub const POOL_SUM: u32 = 6;
pub const POOL_DECIBEL_MEAN: u32 = 7;

#[repr(C)]
pub struct Output {
    pub id: Text,
    pub help: Text,
    pub unit: Text,
    pub lowest: f64,
    pub highest: f64,
    pub identical: f64,
    pub tolerance: f64,
    pub direction: u32,
    pub level: u32,
    pub pool: u32,
    pub least_side: u32,
}
impl Output {
    pub const EMPTY: Output = Output {
        id: null(),
        help: null(),
        unit: null(),
        lowest: 0.0,
        highest: 0.0,
        identical: 0.0,
        tolerance: 0.0,
        direction: NEITHER_IS_BETTER,
        level: PER_FRAME,
        pool: POOL_MEAN,
        least_side: 0,
    };
}

#[repr(C)]
pub struct ModelSource {
    pub id: Text,
    /// 64 lowercase hex digits, or "" for a file whose hash is pinned when it is imported.
    pub sha256: Text,
    pub origin: Text,
    pub license: Text,
    pub size: u64,
}

#[repr(C)]
pub struct Setup {
    pub clip: Clip,
    pub memory: u32,
    pub level: u32,
    pub values: *const Value,
    pub wanted: *const u8,
}

pub const SCOPE_FRAME: u32 = 0;
pub const SCOPE_CLIP: u32 = 1;
pub const SCOPE_FILE: u32 = 2;
pub const PER_INSTANCE: u32 = 0;
pub const REENTRANT: u32 = 1;
pub const PER_MODULE: u32 = 2;
pub const WITHIN_TOLERANCE: u32 = 0;
pub const EXACT: u32 = 1;
pub const SEEDED: u32 = 2;
pub const COST_1NS: u32 = 0;
pub const COST_10NS: u32 = 1;
pub const COST_100NS: u32 = 2;
pub const COST_1US: u32 = 3;
pub const COST_MORE: u32 = 4;
pub const FLAG_NO_REFERENCE: u32 = 1 << 0;
pub const FLAG_ISOLATE: u32 = 1 << 1;
pub const FLAG_ON_REQUEST: u32 = 1 << 2;
pub const FLAG_INDEX8_ALONE: u32 = 1 << 3;

#[repr(C)]
pub struct Metric {
    pub measure: Option<
        unsafe extern "C" fn(instance: *mut c_void, call: *const Call, pairs: *const Pair, count: u32) -> Status,
    >,
    pub begin:
        Option<unsafe extern "C" fn(instance: *mut c_void, call: *const Call, clip: *const Clip) -> Status>,
    pub finish: Option<unsafe extern "C" fn(instance: *mut c_void, call: *const Call) -> Status>,
    pub inspect: Option<
        unsafe extern "C" fn(instance: *mut c_void, call: *const Call, comparison: *const Comparison) -> Status,
    >,
}
impl Metric {
    pub const EMPTY: Metric = Metric { measure: None, begin: None, finish: None, inspect: None };
}

#[repr(C)]
pub struct Canvas {
    pub data: *mut c_void,
    pub stride: usize,
    pub width: i32,
    pub height: i32,
}
#[repr(C)]
pub struct Sink {
    pub open: unsafe extern "C" fn(sink: *const Sink, start_us: i64, duration_us: i64) -> *mut Canvas,
    pub put: unsafe extern "C" fn(sink: *const Sink, canvas: *mut Canvas) -> Status,
    pub pass: unsafe extern "C" fn(
        sink: *const Sink,
        image: *const Image,
        start_us: i64,
        duration_us: i64,
    ) -> Status,
}

#[repr(C)]
pub struct Filter {
    pub plan: Option<
        unsafe extern "C" fn(instance: *mut c_void, source: *const Clip, result: *mut Clip) -> Status,
    >,
    pub apply: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *const Call,
            image: *const Image,
            sink: *const Sink,
        ) -> Status,
    >,
}

#[repr(C)]
pub struct Encoder {
    pub extension: Text,
    pub transcode: Option<
        unsafe extern "C" fn(instance: *mut c_void, call: *const Call, source: Text, target: Text) -> Status,
    >,
    pub begin:
        Option<unsafe extern "C" fn(instance: *mut c_void, call: *const Call, clip: *const Clip) -> Status>,
    pub add:
        Option<unsafe extern "C" fn(instance: *mut c_void, call: *const Call, image: *const Image) -> Status>,
    pub finish: Option<unsafe extern "C" fn(instance: *mut c_void, call: *const Call, target: Text) -> Status>,
}
impl Encoder {
    pub const EMPTY: Encoder =
        Encoder { extension: null(), transcode: None, begin: None, add: None, finish: None };
}

#[repr(C)]
pub struct Plugin {
    pub size: u32,
    pub flags: u32,
    pub id: Text,
    pub label: Text,
    pub version: Text,
    pub vendor: Text,
    pub license: Text,
    pub url: Text,
    pub help: Text,
    pub params: *const Param,
    pub param_count: u32,
    pub param_size: u32,
    pub outputs: *const Output,
    pub output_count: u32,
    pub output_size: u32,
    pub models: *const ModelSource,
    pub model_count: u32,
    pub model_size: u32,
    pub needs: *const Text,
    pub inputs: u32,
    pub memory: u32,
    pub scope: u32,
    pub threads: u32,
    pub determinism: u32,
    pub cost: u32,
    pub lookback: u32,
    pub batch: u32,
    pub bytes_per_pixel: u32,
    pub reserved: u32,
    pub least_width: i32,
    pub least_height: i32,
    pub metric: *const Metric,
    pub filter: *const Filter,
    pub encoder: *const Encoder,
    pub probe: Option<
        unsafe extern "C" fn(call: *const Call, fingerprint: *mut u8, capacity: usize) -> Status,
    >,
    pub create: Option<
        unsafe extern "C" fn(call: *const Call, setup: *const Setup, instance: *mut *mut c_void) -> Status,
    >,
    pub destroy: Option<unsafe extern "C" fn(instance: *mut c_void)>,
}
impl Plugin {
    /// All sizes are filled in; host memory, pictures from 1x1 on.
    pub const EMPTY: Plugin = Plugin {
        size: core::mem::size_of::<Plugin>() as u32,
        flags: 0,
        id: null(),
        label: null(),
        version: null(),
        vendor: null(),
        license: null(),
        url: null(),
        help: null(),
        params: null(),
        param_count: 0,
        param_size: core::mem::size_of::<Param>() as u32,
        outputs: null(),
        output_count: 0,
        output_size: core::mem::size_of::<Output>() as u32,
        models: null(),
        model_count: 0,
        model_size: core::mem::size_of::<ModelSource>() as u32,
        needs: null(),
        inputs: 0,
        memory: bit(MEMORY_HOST),
        scope: SCOPE_FRAME,
        threads: PER_INSTANCE,
        determinism: WITHIN_TOLERANCE,
        cost: COST_1NS,
        lookback: 0,
        batch: 0,
        bytes_per_pixel: 0,
        reserved: 0,
        least_width: 1,
        least_height: 1,
        metric: null(),
        filter: null(),
        encoder: null(),
        probe: None,
        create: None,
        destroy: None,
    };
}

#[repr(C)]
pub struct Module {
    pub magic: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub size: u32,
    pub plugin_count: u32,
    pub plugins: *const *const Plugin,
    pub build: Text,
}
impl Module {
    /// What the one exported symbol holds:
    /// `#[no_mangle] pub static giflab_module_entry: Module = Module::new(&PLUGINS, text!("my build"));`
    pub const fn new(plugins: &'static [&'static Plugin], build: Text) -> Module {
        Module {
            magic: MAGIC,
            abi_major: ABI_MAJOR,
            abi_minor: 0,
            size: core::mem::size_of::<Module>() as u32,
            plugin_count: plugins.len() as u32,
            plugins: plugins.as_ptr() as *const *const Plugin,
            build,
        }
    }
}

// SAFETY: the tables are constant, and all they point to is.
unsafe impl Sync for Param {}
unsafe impl Sync for Output {}
unsafe impl Sync for ModelSource {}
unsafe impl Sync for Encoder {}
unsafe impl Sync for Plugin {}
unsafe impl Sync for Module {}

/// A list of texts that ends with null(), for `needs` and `choices`: `static NEEDS: Texts<2> = Texts([MODELS, null()]);`
#[repr(transparent)]
pub struct Texts<const N: usize>(pub [Text; N]);
// SAFETY: as above.
unsafe impl<const N: usize> Sync for Texts<N> {}

// ---- Sugar: never needed. Safe words for the calls, and a wall that no panic crosses (rule B4). Needs std.

/// Why a callback ends early: becomes call.fail(status, text). CANCELLED carries no text.
pub struct Failure {
    pub status: Status,
    pub text: String,
}

pub fn failure(status: Status, text: &str) -> Failure {
    Failure { status, text: text.to_string() }
}

impl Call {
    /// Err(CANCELLED) once the run is being cancelled; ask every 10 ms of work or less.
    pub fn stop_if_cancelled(&self) -> Result<(), Failure> {
        // SAFETY: a call's functions take the call itself, from any thread inside it.
        if unsafe { (self.cancelled)(self) } {
            return Err(failure(CANCELLED, ""));
        }
        Ok(())
    }

    pub fn set_score(&self, pair: u32, output: u32, value: f64) {
        // SAFETY: as above.
        unsafe { (self.score)(self, pair, output, value) }
    }

    /// A service table, such as `call.service::<Tasks>(TASKS)`.
    ///
    /// # Safety
    /// T must be the table that belongs to `id`.
    pub unsafe fn service<T>(&self, id: Text) -> Option<&'static T> {
        (((*self.host).query)(self.host, id) as *const T).as_ref()
    }
}

impl Image {
    /// The pixels of row `y` of a plane, `per_pixel` samples each.
    ///
    /// # Safety
    /// The plugin declared `representation` in its inputs, its samples are T, and y is a row of the image.
    pub unsafe fn row<T>(&self, representation: u32, plane: usize, y: i32, per_pixel: usize) -> &[T] {
        let plane = &(**self.views.add(representation as usize)).planes[plane];
        let start = (plane.data as *const u8).add(y as usize * plane.stride) as *const T;
        core::slice::from_raw_parts(start, self.width as usize * per_pixel)
    }
}

/// Runs the body of a callback; an Err and a panic become a status and a sentence.
pub fn guarded(call: *const Call, body: impl FnOnce(&Call) -> Result<(), Failure>) -> Status {
    // SAFETY: the host passes a call that lives until the callback returns.
    let call = unsafe { &*call };
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| body(call)));
    let failed = match ended {
        Ok(Ok(())) => return OK,
        Ok(Err(failed)) => failed,
        Err(_) => failure(INTERNAL, "it panicked"),
    };
    if failed.status == CANCELLED {
        return CANCELLED;
    }
    let message: Vec<u8> = failed.text.bytes().filter(|byte| *byte != 0).chain([0]).collect();
    // SAFETY: the message ends with a NUL and is copied.
    unsafe { (call.fail)(call, failed.status, message.as_ptr()) }
}
