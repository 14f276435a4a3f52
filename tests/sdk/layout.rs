// Prints the layout of every struct of giflab.rs, member by member, in the words of tests/abi/layout.c.

use std::mem::{size_of, MaybeUninit};
use std::ptr::addr_of;

#[allow(dead_code)]
mod giflab {
    include!(env!("GIFLAB_RS"));
}

fn size_at<T>(_: *const T) -> usize {
    size_of::<T>()
}

macro_rules! layout {
    ($name:literal, $type:ident: $($member:ident)*) => {
        println!("{} size {}", $name, size_of::<giflab::$type>());
        let whole = MaybeUninit::<giflab::$type>::uninit();
        $(
            // SAFETY: only an address is taken; nothing is read.
            let member = unsafe { addr_of!((*whole.as_ptr()).$member) };
            let at = member as usize - whole.as_ptr() as usize;
            println!("   {} at {} size {}", stringify!($member), at, size_at(member));
        )*
    };
}

fn main() {
    layout!("giflab_plane", Plane: data stride);
    layout!("giflab_view", View: representation memory plane_count bytes_per_pixel planes);
    layout!("giflab_index_pair", IndexPair: reference distorted reserved pixels);
    layout!("giflab_image", Image:
        width height index start_us duration_us content changed_x changed_y changed_width changed_height
        previous views changed_squares index_pairs index_pair_count);
    layout!("giflab_pair", Pair: reference distorted);
    layout!("giflab_clip", Clip: width height frame_count duration_us loop_count reserved);
    layout!("giflab_showing", Showing: start_us duration_us content);
    layout!("giflab_file", File: path bytes clip showings showing_count);
    layout!("giflab_comparison", Comparison: reference distorted dropped duplicated reordered max_drift_us);
    layout!("giflab_host", Host: abi_minor reserved name version query log);
    layout!("giflab_call", Call: host seed cancelled progress scratch fail score);
    layout!("giflab_model", Model: data size path);
    layout!("giflab_models", Models: acquire release get put);
    layout!("giflab_tasks", Tasks: run lanes);
    layout!("giflab_files", Files: temporary);
    layout!("giflab_process", Process: size timeout_ms argv directory memory_limit exit_code signal output);
    layout!("giflab_processes", Processes: run);
    layout!("giflab_cache", Cache: get put);
    layout!("giflab_cuda", Cuda: context stream ordinal);
    layout!("giflab_param", Param: id help unit kind flags lowest highest initial choices initial_text);
    layout!("giflab_value", Value: number text);
    layout!("giflab_output", Output:
        id help unit lowest highest identical tolerance direction level pool least_side);
    layout!("giflab_model_source", ModelSource: id sha256 origin license size);
    layout!("giflab_setup", Setup: clip memory level values wanted);
    layout!("giflab_metric", Metric: measure begin finish inspect);
    layout!("giflab_canvas", Canvas: data stride width height);
    layout!("giflab_sink", Sink: open put pass);
    layout!("giflab_filter", Filter: plan apply);
    layout!("giflab_encoder", Encoder: extension transcode begin add finish);
    layout!("giflab_plugin", Plugin:
        size flags id label version vendor license url help params param_count param_size outputs
        output_count output_size models model_count model_size needs inputs memory scope threads
        determinism cost lookback batch bytes_per_pixel reserved least_width least_height metric filter
        encoder probe create destroy);
    layout!("giflab_module", Module: magic abi_major abi_minor size plugin_count plugins build);
}
