#include "validator/validate.hpp"

#include "config/nearest_name.hpp"
#include "config/printable.hpp"
#include "modules/descriptor.hpp"
#include "modules/module_file.hpp"
#include "services/sandbox.hpp"
#include "validator/blame.hpp"
#include "validator/isolated.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

namespace giflab::validator {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// For a check, whatever it does. Sanitizers make everything slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::chrono::seconds check_limit{120};
#else
constexpr std::chrono::seconds check_limit{30};
#endif

// For loading a file and reading its tables, which no check can do either if it takes longer.
constexpr std::chrono::seconds load_limit = check_limit / 3;

constexpr std::size_t whole_file = SIZE_MAX; // in place of the number of a plugin

// ---- What a process is told and tells: the first letter of a text, then the rest.

constexpr std::string_view verdict_letters = "pwfs"; // in the order of the enum

std::string as_text(const finding &found) {
   return verdict_letters[static_cast<std::size_t>(found.verdict)] + found.sentence;
}

finding as_finding(const std::string &text) {
   return {static_cast<verdict>(verdict_letters.find(text.at(0))), text.substr(1)};
}

// A plugin as the listing found it.
struct listed_plugin {
   std::string id;      // "plugin 2" where it has none that can be told
   std::string refusal; // why giflab turns it away; empty if it does not
};

struct listing {
   std::vector<listed_plugin> plugins;
   std::string refusal; // of the whole file
   bool hangs = false;  // it cannot even be loaded
};

constexpr char separator = '\x1f'; // ASCII's unit separator: in no id and no sentence

std::string as_text(const listing &found) {
   std::string text = found.refusal;
   for (const listed_plugin &one : found.plugins)
      text += fmt::format("{0}{1}{0}{2}", separator, one.id, one.refusal);
   return text;
}

listing as_listing(const std::string &text) {
   std::vector<std::string> parts(1);
   for (const char letter : text)
      if (letter == separator)
         parts.emplace_back();
      else
         parts.back() += letter;
   listing found;
   found.refusal = parts[0];
   for (std::size_t i = 1; i + 1 < parts.size(); i += 2)
      found.plugins.push_back({parts[i], parts[i + 1]});
   return found;
}

// ---- In a process that may die of it.

result<const giflab_module *> open_module(const std::string &path) {
   now_doing("loading the file");
   auto module = modules::open_module_file(path);
   if (module)
      if (auto checked = modules::check_entry(**module); !checked)
         return tl::unexpected(checked.error());
   return module;
}

result<std::unique_ptr<modules::plugin>> read_plugin_of(const giflab_module &module, std::size_t number) {
   now_doing(fmt::format("reading the tables of plugin {}", number + 1));
   auto made = modules::read_plugin(module.plugins[number]);
   now_doing("");
   return made;
}

listing list_plugins(const std::string &path) {
   listing found;
   const auto module = open_module(path);
   if (!module) {
      found.refusal = module.error().text;
      return found;
   }
   for (std::size_t i = 0; i < (*module)->plugin_count; ++i) {
      const auto made = read_plugin_of(**module, i);
      found.plugins.push_back(made ? listed_plugin{(*made)->id(), {}}
                                   : listed_plugin{fmt::format("plugin {}", i + 1), made.error().text});
   }
   return found;
}

finding run_guarded(const check &asked, const subject &given) {
   try {
      return asked.run(given);
   } catch (const std::exception &thrown) {
      return failed_check(fmt::format("it threw '{}' across the boundary (rule B4): catch it in the plugin and "
                                      "return a status",
                                      thrown.what()));
   }
}

// The checks of loading want a process that has not seen the file yet.
bool loads_it_itself(const check &asked) { return asked.id[0] == 'L'; }

// The check, from loading to verdict. `number` of the plugin, or whole_file.
finding run_check(const check &asked, std::size_t number, subject given) {
   if (number == whole_file && loads_it_itself(asked))
      return run_guarded(asked, given);
   const auto module = open_module(given.path);
   if (!module)
      return failed_check(fmt::format("the file loaded before, but not now: {}", module.error().text));
   given.module = *module;
   if (number == whole_file)
      return run_guarded(asked, given);
   const auto plugin = read_plugin_of(**module, number);
   if (!plugin)
      return failed_check(fmt::format("the plugin could be read before, but not now: {}", plugin.error().text));
   given.plugin = plugin->get();
   return run_guarded(asked, given);
}

// ---- Deaths in words

const char *words_for(fault_place place) {
   switch (place) {
   case fault_place::guard:
      return "it touched memory beside a plane: rows end after their last pixel";
   case fault_place::input:
      return "it wrote to a picture that it was given, which is read-only";
   case fault_place::old_scratch:
      return "it touched scratch memory of a call that has returned";
   case fault_place::stack:
      return "the stack is used up: is there an endless recursion, or a large array on the stack?";
   default:
      return "";
   }
}

std::string place_in_words(const isolated_outcome &died) {
   const auto place = static_cast<fault_place>(died.place);
   if (place == fault_place::null_page)
      return fmt::format(" (a null pointer, at address {:#x}{})", died.address,
                         died.doing.empty() ? "" : ": is a view used that .inputs does not declare?");
   if (place == fault_place::elsewhere)
      return died.address ? fmt::format(" (at address {:#x})", died.address) : " (at an impossible address)";
   const std::string words = words_for(place);
   return words.empty() ? "" : fmt::format(" ({})", words);
}

// The last line that says something; what a sanitizer or the C++ runtime said of the end goes before it.
std::string last_words(const std::string &output) {
   std::string last, telling;
   for (std::size_t begin = 0; begin < output.size();) {
      const std::size_t end = std::min(output.find('\n', begin), output.size());
      const std::string line = output.substr(begin, end - begin);
      begin = end + 1;
      if (line.find_first_not_of(" \t=") == std::string::npos)
         continue;
      last = line;
      for (const char *sign : {"SUMMARY: ", "runtime error: ", "terminate called", "what():"})
         if (line.find(sign) != std::string::npos)
            telling += (telling.empty() ? "" : " ") + line;
   }
   const std::string &said = telling.empty() ? last : telling;
   return said.empty() ? "" : fmt::format("; the last that it printed: {}", config::in_quotes(said));
}

// How a process ended without a verdict.
std::string death_in_words(const isolated_outcome &died, milliseconds limit) {
   const std::string doing = died.doing.empty() ? "outside of calls" : "in " + died.doing;
   if (died.timed_out)
      return fmt::format("it did not come back within {:g} s {}", static_cast<double>(limit.count()) / 1000,
                         doing);
   if (died.signal != 0) {
      const char *name = sigabbrev_np(died.signal);
      return fmt::format("it died of SIG{}{} {}{}", name ? name : std::to_string(died.signal),
                         place_in_words(died), doing, last_words(died.output));
   }
   if (died.garbled)
      return "it wrote to a descriptor that is not its own, over what this check had found";
   const bool sanitized = died.output.find("Sanitizer") != std::string::npos ||
                          died.output.find("runtime error: ") != std::string::npos;
   const std::string end = fmt::format("{} {}{}", died.exit_code, doing, last_words(died.output));
   return sanitized ? "a sanitizer ended it with exit code " + end
                    : fmt::format("it called exit: code {}", end);
}

// ---- The run over one file

class validating {
 public:
   validating(const std::string &path, const validation_options &options,
              const services::cancellation &cancelled, const std::function<void(const checked &)> &on_line)
       : options_(options), cancelled_(cancelled), on_line_(on_line) {
      told_.path = path;
      told_.seed = options.seed;
   }

   result<validation> run(const std::vector<const check *> &wanted) {
      list();
      lay_out(wanted);
      for (const stage now : {stage::load, stage::describe, stage::call, stage::behave, stage::chance}) {
         if (cancelled_.requested() || trouble_)
            break;
         run_stage(now);
      }
      if (trouble_)
         return tl::unexpected(*trouble_);
      if (cancelled_.requested())
         return failed(problem::cancelled, "stopped on request");
      return std::move(told_);
   }

 private:
   // What becomes a line: known once its check has run or cannot run any more.
   struct place {
      std::size_t plugin; // number, or whole_file
      bool known = false;
   };

   void list() {
      if (options_.in_process) {
         listed_ = list_plugins(told_.path);
      } else {
         const isolated_job job{[&] { return as_text(list_plugins(told_.path)); }, load_limit};
         run_isolated({job}, 1, cancelled_, [&](std::size_t, const isolated_outcome &ended) {
            if (ended.finished)
               listed_ = as_listing(ended.text);
            else
               listed_ = {{}, death_in_words(ended, load_limit), ended.timed_out};
         });
      }
      for (const listed_plugin &one : listed_.plugins)
         told_.plugins.push_back(one.id);
   }

   void lay_out(const std::vector<const check *> &wanted) {
      const auto add = [&](extent about, std::size_t plugin, const std::string &id) {
         for (const check *one : wanted)
            if (one->extent == about) {
               told_.lines.push_back({one, id, {}, {}});
               places_.push_back({plugin});
            }
      };
      add(extent::file, whole_file, {});
      for (std::size_t i = 0; i < listed_.plugins.size(); ++i)
         add(extent::plugin, i, listed_.plugins[i].id);
      // Where no plugin is known to fail a check of plugins, the first of them stands for all.
      if (told_.lines.empty() && !wanted.empty()) {
         told_.lines.push_back({wanted[0], {}, {}, {}});
         places_.push_back({whole_file});
      }
   }

   void run_stage(stage now) {
      std::vector<std::size_t> lines, unreadable;
      for (std::size_t i = 0; i < told_.lines.size(); ++i) {
         if (told_.lines[i].what->stage != now)
            continue;
         if (const char *earlier = failed_earlier(i))
            settle(i, skipped(fmt::format("not run: {} failed", earlier)), {});
         else
            (refusal_of(i).empty() ? lines : unreadable).push_back(i);
      }
      options_.in_process ? run_here(lines) : run_apart(lines);
      for (const std::size_t line : unreadable) // after the checks that may have found why
         settle(line, turned_away(line), {});
   }

   // The failed check of an earlier stage that this line may depend on; null if there is none.
   const char *failed_earlier(std::size_t line) const {
      for (std::size_t i = 0; i < told_.lines.size(); ++i)
         if (told_.lines[i].what->stage < told_.lines[line].what->stage && concerns(i, places_[line].plugin))
            return told_.lines[i].what->id;
      return nullptr;
   }

   // Whether a line failed that speaks of this plugin, or of the file.
   bool concerns(std::size_t line, std::size_t plugin) const {
      return places_[line].known && told_.lines[line].found.verdict == verdict::fail &&
             (places_[line].plugin == whole_file || places_[line].plugin == plugin);
   }

   // Why giflab would not use what a line is about; checks of loading are asked nevertheless, unless they would
   // wait for what never ends.
   std::string refusal_of(std::size_t line) const {
      const std::size_t plugin = places_[line].plugin;
      if (told_.lines[line].what->stage == stage::load && !listed_.hangs)
         return {};
      return plugin == whole_file ? listed_.refusal : listed_.plugins[plugin].refusal;
   }

   // Nothing that giflab turns away passes: where no check has found the reason, the first line tells it.
   finding turned_away(std::size_t line) const {
      for (std::size_t i = 0; i < told_.lines.size(); ++i)
         if (concerns(i, places_[line].plugin))
            return skipped(fmt::format("not run: {} failed", told_.lines[i].what->id));
      return failed_check(fmt::format("giflab turns it away: {}", refusal_of(line)));
   }

   subject subject_of(const std::string &folder) const {
      subject given;
      given.path = told_.path;
      given.seed = options_.seed;
      given.folder = folder;
      given.model_folders = options_.model_folders;
      given.fuzz_time = options_.fuzz_time;
      return given;
   }

   milliseconds limit_of(const check &asked) const {
      return std::string_view(asked.id) == "P03" ? check_limit + options_.fuzz_time : check_limit;
   }

   void run_here(const std::vector<std::size_t> &lines) {
      for (const std::size_t line : lines) {
         if (cancelled_.requested())
            return;
         auto folder = files_.open_call();
         if (!folder)
            return stop(folder.error());
         const clock::time_point began = clock::now();
         finding found = run_check(*told_.lines[line].what, places_[line].plugin, subject_of(folder->path()));
         settle(line, std::move(found), std::chrono::duration_cast<milliseconds>(clock::now() - began));
      }
   }

   void run_apart(const std::vector<std::size_t> &lines) {
      std::vector<isolated_job> jobs;
      std::vector<std::optional<services::sandbox::call_folder>> folders;
      for (const std::size_t line : lines) {
         auto folder = files_.open_call();
         if (!folder)
            return stop(folder.error());
         const check &asked = *told_.lines[line].what;
         jobs.push_back({[&asked, plugin = places_[line].plugin, given = subject_of(folder->path())] {
                            return as_text(run_check(asked, plugin, given));
                         },
                         limit_of(asked)});
         folders.emplace_back(std::move(*folder));
      }
      run_isolated(jobs, options_.at_once, cancelled_, [&](std::size_t job, const isolated_outcome &ended) {
         folders[job].reset();
         settle(lines[job],
                ended.finished ? as_finding(ended.text) : failed_check(death_in_words(ended, jobs[job].limit)),
                ended.wall);
      });
   }

   // Tells a line, and those behind it that were waiting for it.
   void settle(std::size_t line, finding found, milliseconds wall) {
      told_.lines[line].found = std::move(found);
      told_.lines[line].wall = wall;
      places_[line].known = true;
      for (; next_ < places_.size() && places_[next_].known; ++next_)
         on_line_(told_.lines[next_]);
   }

   void stop(const error &why) { trouble_ = why; }

   const validation_options &options_;
   const services::cancellation &cancelled_;
   const std::function<void(const checked &)> &on_line_;
   services::sandbox files_;
   listing listed_;
   validation told_;
   std::vector<place> places_; // of told_.lines
   std::size_t next_ = 0;      // to be told
   std::optional<error> trouble_;
};

} // namespace

std::size_t validation::count(verdict of) const {
   return static_cast<std::size_t>(
       std::count_if(lines.begin(), lines.end(), [&](const checked &one) { return one.found.verdict == of; }));
}

result<std::vector<const check *>> wanted_checks(const std::vector<std::string> &only) {
   std::vector<std::string> ids;
   for (const check &one : every_check())
      ids.emplace_back(one.id);
   for (const std::string &id : only)
      if (std::find(ids.begin(), ids.end(), id) == ids.end())
         return failed(problem::usage, fmt::format("there is no check {}: {}", config::in_quotes(id),
                                                   config::did_you_mean(id, ids)));
   std::vector<const check *> wanted;
   for (const check &one : every_check())
      if (only.empty() || std::find(only.begin(), only.end(), one.id) != only.end())
         wanted.push_back(&one);
   return wanted;
}

result<validation> validate(const std::string &path, const validation_options &options,
                            const services::cancellation &cancelled,
                            const std::function<void(const checked &)> &on_line) {
   const auto wanted = wanted_checks(options.only);
   if (!wanted)
      return tl::unexpected(wanted.error());
   try {
      return validating(std::filesystem::absolute(path).string(), options, cancelled, on_line).run(*wanted);
   } catch (const std::system_error &refused) { // of run_isolated
      return failed(problem::internal, refused.what());
   }
}

} // namespace giflab::validator
