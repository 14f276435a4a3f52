#pragma once
// The fields of what travels. Each list names every member of its type: one member more, and it does not
// compile.

#include "engine/compare.hpp"
#include "engine/process.hpp"
#include "engine/result_cache.hpp"
#include "error.hpp"
#include "workers/wire.hpp"

namespace giflab {

template <workers::like<error> T> void fields(T &value, auto &each) {
   auto &[kind, text] = value;
   each(kind, text);
}

} // namespace giflab

namespace giflab::results {

template <workers::like<statistics> T> void fields(T &value, auto &each) {
   auto &[mean, std, min, max, p05, p95, first, middle, last, variance] = value;
   each(mean, std, min, max, p05, p95, first, middle, last, variance);
}
template <workers::like<worst_pair> T> void fields(T &value, auto &each) {
   auto &[pair, start_us, worst] = value;
   each(pair, start_us, worst);
}
template <workers::like<sampled_statistic> T> void fields(T &value, auto &each) {
   auto &[statistic, low, high] = value;
   each(statistic, low, high);
}
template <workers::like<sample> T> void fields(T &value, auto &each) {
   auto &[pairs, confidence, intervals] = value;
   each(pairs, confidence, intervals);
}
template <workers::like<metric_value> T> void fields(T &value, auto &each) {
   auto &[id, status, reason, number, direction, unit, pooling, plugin, version, device, frames, statistics,
          worst, sample, seconds] = value;
   each(id, status, reason, number, direction, unit, pooling, plugin, version, device, frames, statistics,
        worst, sample, seconds);
}
template <workers::like<file_summary> T> void fields(T &value, auto &each) {
   auto &[path, format, bytes, frames, duration_us, width, height, loop_count, warnings] = value;
   each(path, format, bytes, frames, duration_us, width, height, loop_count, warnings);
}
template <workers::like<alignment_summary> T> void fields(T &value, auto &each) {
   auto &[mode, pairs, duration_us, dropped, duplicated, reordered, max_drift_us, notes] = value;
   each(mode, pairs, duration_us, dropped, duplicated, reordered, max_drift_us, notes);
}
template <workers::like<pair_row> T> void fields(T &value, auto &each) {
   auto &[pair, reference_frame, distorted_frame, start_us, duration_us, values, reference_content,
          distorted_content] = value;
   each(pair, reference_frame, distorted_frame, start_us, duration_us, values, reference_content,
        distorted_content);
}
template <workers::like<comparison> T> void fields(T &value, auto &each) {
   auto &[reference, distorted, alignment, metrics, pairs, failure, level, background] = value;
   each(reference, distorted, alignment, metrics, pairs, failure, level, background);
}

} // namespace giflab::results

namespace giflab::media {

template <workers::like<colour> T> void fields(T &value, auto &each) {
   auto &[red, green, blue] = value;
   each(red, green, blue);
}
template <workers::like<limits> T> void fields(T &value, auto &each) {
   auto &[pixels, frames, bytes] = value;
   each(pixels, frames, bytes);
}
template <workers::like<reading_options> T> void fields(T &value, auto &each) {
   auto &[most, browser_delays, sequence_delay_us] = value;
   each(most, browser_delays, sequence_delay_us);
}

} // namespace giflab::media

namespace giflab::engine {

template <workers::like<resizing> T> void fields(T &value, auto &each) {
   auto &[resized, filter] = value;
   each(resized, filter);
}
template <workers::like<comparison_options> T> void fields(T &value, auto &each) {
   auto &[level, batch_size, device_batch_size, device, parallel_metrics, per_frame, reading, alignment,
          background, seed, resize, kept_original_bytes, wanted, open] = value;
   each(level, batch_size, device_batch_size, device, parallel_metrics, per_frame, reading, alignment,
        background, seed, resize, kept_original_bytes);
   static_cast<void>(wanted); // these two are of level 3, which goes on in the process that asks
   static_cast<void>(open);
}
template <workers::like<planned_metric::column> T> void fields(T &value, auto &each) {
   auto &[output, id] = value;
   each(output, id);
}
template <workers::like<result_cache::counts> T> void fields(T &value, auto &each) {
   auto &[found, missed] = value;
   each(found, missed);
}
template <workers::like<readiness> T> void fields(T &value, auto &each) {
   auto &[unavailable, fingerprint] = value;
   each(unavailable, fingerprint);
}
template <workers::like<processing_options> T> void fields(T &value, auto &each) {
   auto &[level, reading, background] = value;
   each(level, reading, background);
}
template <workers::like<processing_report::stage> T> void fields(T &value, auto &each) {
   auto &[names, fingerprint, pictures, bytes, seconds] = value;
   each(names, fingerprint, pictures, bytes, seconds);
}
template <workers::like<processing_report> T> void fields(T &value, auto &each) {
   auto &[stages, source_bytes, target_bytes, warnings] = value;
   each(stages, source_bytes, target_bytes, warnings);
}

} // namespace giflab::engine
