#pragma once
// What a supervisor asks of a worker. A message is a kind and the fields of its type; a worker answers each but
// the first, with any number of `progress` before the answer.

#include "config/settings.hpp"
#include "engine/memory_share.hpp"
#include "engine/pipeline.hpp"
#include "workers/wire_types.hpp"

#include <string>
#include <vector>

namespace giflab::workers {

enum class request_kind : uint8_t { set_up, scan, probe, compare, process };
enum class reply_kind : uint8_t { progress, answer };

// The first message to a worker: all that makes its engine::machine.
struct set_up_request {
   std::vector<config::assignment> settings; // every one in effect, but for folders
   std::vector<std::string> model_folders;
   uint64_t threads = 1;
   engine::memory_share memory; // of it and what it starts
};

// A file that is not to be loaded.
struct unwanted_file {
   std::string path, reason;
};

// Load all modules of these folders; the answer is a catalogue.
struct scan_request {
   std::vector<std::string> folders;
   uint64_t required = 0; // so many of the first must be there
   std::vector<unwanted_file> unwanted;
};

struct plugin_name {
   std::string id, module; // the module's path
   bool trusted = true;    // else its module takes one call at a time (rule B6)
   uint64_t digest = 0;    // of what the plugin was described as
};

// A parameter's value as it travels.
struct sent_value {
   double number = 0;
   std::optional<std::string> text;
};

struct probe_request {
   plugin_name plugin;
};

struct sent_metric {
   plugin_name plugin;
   std::vector<sent_value> values;
   std::vector<engine::planned_metric::column> columns;
   std::string unavailable, fingerprint;
};

struct compare_request {
   std::string reference, distorted;
   std::vector<sent_metric> metrics;
   engine::comparison_options options;
};

struct sent_step {
   plugin_name plugin;
   std::vector<sent_value> values;
   std::string fingerprint;
};

struct sent_stage {
   std::vector<sent_step> filters;
   sent_step encoder;
};

struct process_request {
   std::string source, target;
   std::vector<sent_stage> stages;
   engine::processing_options options;
};

// How far a comparison or a stage is.
struct progress_note {
   double fraction = 0;
   int64_t count = 0;
};

// What comes with every answer.
struct answer_head {
   std::string private_folder; // of the worker's temporary files; empty as long as there were none
   bool worn_out = false;      // its device is lost: another worker is to go on
   bool outdated = false;      // a plugin is not what it was described as
   engine::result_cache::counts cached;
   std::optional<error> failure; // else the answer's fields follow
};

template <like<set_up_request> T> void fields(T &value, auto &each) {
   auto &[settings, model_folders, threads, memory] = value;
   each(settings, model_folders, threads, memory);
}
template <like<unwanted_file> T> void fields(T &value, auto &each) {
   auto &[path, reason] = value;
   each(path, reason);
}
template <like<scan_request> T> void fields(T &value, auto &each) {
   auto &[folders, required, unwanted] = value;
   each(folders, required, unwanted);
}
template <like<plugin_name> T> void fields(T &value, auto &each) {
   auto &[id, module, trusted, digest] = value;
   each(id, module, trusted, digest);
}
template <like<sent_value> T> void fields(T &value, auto &each) {
   auto &[number, text] = value;
   each(number, text);
}
template <like<probe_request> T> void fields(T &value, auto &each) { each(value.plugin); }
template <like<sent_metric> T> void fields(T &value, auto &each) {
   auto &[plugin, values, columns, unavailable, fingerprint] = value;
   each(plugin, values, columns, unavailable, fingerprint);
}
template <like<compare_request> T> void fields(T &value, auto &each) {
   auto &[reference, distorted, metrics, options] = value;
   each(reference, distorted, metrics, options);
}
template <like<sent_step> T> void fields(T &value, auto &each) {
   auto &[plugin, values, fingerprint] = value;
   each(plugin, values, fingerprint);
}
template <like<sent_stage> T> void fields(T &value, auto &each) {
   auto &[filters, encoder] = value;
   each(filters, encoder);
}
template <like<process_request> T> void fields(T &value, auto &each) {
   auto &[source, target, stages, options] = value;
   each(source, target, stages, options);
}
template <like<progress_note> T> void fields(T &value, auto &each) {
   auto &[fraction, count] = value;
   each(fraction, count);
}
template <like<answer_head> T> void fields(T &value, auto &each) {
   auto &[private_folder, worn_out, outdated, cached, failure] = value;
   each(private_folder, worn_out, outdated, cached, failure);
}

} // namespace giflab::workers

namespace giflab::engine {

template <workers::like<memory_share> T> void fields(T &value, auto &each) {
   auto &[limit, others, most] = value;
   each(limit, others, most);
}

} // namespace giflab::engine

namespace giflab::config {

template <workers::like<assignment> T> void fields(T &value, auto &each) {
   auto &[name, text, origin] = value;
   each(name, text, origin);
}

} // namespace giflab::config
