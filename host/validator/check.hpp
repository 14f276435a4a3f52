#pragma once
// What `giflab check` is made of: checks, each with an id that error texts and documents cite, and findings.

#include "modules/plugin.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace giflab::validator {

enum class verdict { pass, warn, fail, skip };

// What a check came to. `sentence` says what was found and what to do about it; after a pass it may be empty.
struct finding {
   giflab::validator::verdict verdict = validator::verdict::pass;
   std::string sentence;
};
inline finding passed(std::string sentence = {}) { return {verdict::pass, std::move(sentence)}; }
inline finding warned(std::string sentence) { return {verdict::warn, std::move(sentence)}; }
inline finding failed_check(std::string sentence) { return {verdict::fail, std::move(sentence)}; }
inline finding skipped(std::string sentence) { return {verdict::skip, std::move(sentence)}; }

// What is being checked, as a check in its own process meets it.
struct subject {
   std::string path;                        // of the module, absolute
   const giflab_module *module = nullptr;   // null in checks of loading, which load it themselves
   const modules::plugin *plugin = nullptr; // null in checks of loading and in checks of the whole module
   uint64_t seed = 1;                       // of everything random in the check
   std::string folder;                      // a private, empty folder; removed when the check's process is gone
   std::vector<std::string> model_folders;  // where weights are looked for
   std::chrono::seconds fuzz_time{0};       // for P03
};

// Which findings a check is allowed to depend on: it runs only if no check of an earlier stage failed.
enum class stage { load, describe, call, behave, chance };

// What a check is about: a file, or one plugin of it.
enum class extent { file, plugin };

struct check {
   const char *id;    // "S05"
   const char *title; // what must hold, in a few words
   const char *rule;  // of sdk/ABI.md; "" where the check is a rule of its own
   validator::stage stage;
   validator::extent extent;
   finding (*run)(const subject &given); // in a process of its own; may crash, hang or exit
};

// The checks of one family each, in the order of their ids.
std::span<const check> loading_checks();
std::span<const check> descriptor_checks();
std::span<const check> score_checks();
std::span<const check> thread_checks();
std::span<const check> fault_checks();
std::span<const check> resource_checks();
std::span<const check> product_checks(); // P: filters, encoders and the fuzzer

// All of them, in the order of the families above.
const std::vector<check> &every_check();

} // namespace giflab::validator
