// giflab cache status|clear|warm|verify

#include "cli/comparing.hpp"
#include "config/printable.hpp"
#include "engine/result_cache.hpp"
#include "results/formula_values.hpp"
#include "results/value_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace giflab::cli {

namespace {

struct cache_options {
   comparing_options comparing;
   std::string reference;
   std::vector<std::string> distorted;
};

result<std::unique_ptr<results::value_store>> open_store(const cache_options &options) {
   auto settings = resolve_settings(options.comparing.common);
   if (!settings)
      return tl::unexpected(settings.error());
   results::store_limits limits;
   limits.bytes = settings->integer(config::setting::cache_size_mb) << 20;
   return results::value_store::open(cache_folder(*settings), limits);
}

result<int> status(const cache_options &options) {
   auto store = open_store(options);
   if (!store)
      return tl::unexpected(store.error());
   auto found = (*store)->status();
   if (!found)
      return tl::unexpected(found.error());
   return print(fmt::format("{}: {} values, {} bytes in a file of {}; {}\n", config::printable(found->path),
                            found->entries, found->bytes, found->file_bytes,
                            found->limits.bytes > 0 ? fmt::format("at most {} bytes", found->limits.bytes)
                                                    : std::string("not in use, as GIFLAB_CACHE_SIZE_MB is 0")));
}

result<int> clear(const cache_options &options) {
   auto store = open_store(options);
   if (!store)
      return tl::unexpected(store.error());
   auto before = (*store)->status();
   if (!before)
      return tl::unexpected(before.error());
   if (auto cleared = (*store)->clear(); !cleared)
      return tl::unexpected(cleared.error());
   return print(fmt::format("{}: {} values forgotten\n", config::printable(before->path), before->entries));
}

result<int> verify(const cache_options &options) {
   auto store = open_store(options);
   if (!store)
      return tl::unexpected(store.error());
   auto wrong = (*store)->verify();
   if (!wrong)
      return tl::unexpected(wrong.error());
   auto left = (*store)->status();
   if (!left)
      return tl::unexpected(left.error());
   std::string text;
   for (const std::string &one : *wrong)
      text += config::printable(one) + "\n";
   text += fmt::format("{}: {} values are as they were kept\n", config::printable(left->path), left->entries);
   const int printed = print(text);
   return printed != exit_success || wrong->empty() ? printed : exit_failure;
}

result<int> warm(const cache_options &options) {
   auto planned = plan_comparing(options.comparing, config::run_file{});
   if (!planned)
      return tl::unexpected(planned.error());
   if (planned->settings.integer(config::setting::cache_size_mb) == 0)
      return failed(problem::usage, "nothing is kept, as GIFLAB_CACHE_SIZE_MB is 0: say how much may be, as in "
                                    "--cache-size-mb 256");
   if (const int64_t level = planned->settings.integer(config::setting::optimization_level); level != 2)
      return failed(problem::usage, fmt::format("nothing is kept at level {}: use level 2", level));
   auto usable = open_store(options).and_then([](auto &&store) { return store->status(); });
   if (!usable)
      return tl::unexpected(usable.error());
   const engine::comparison_options how = engine_options(planned->settings);
   progress_display progress(options.comparing.common.quiet);
   bool failures = false, gates_passed = true;
   for (std::size_t i = 0; i < options.distorted.size(); ++i) {
      progress.start(options.reference + " and " + options.distorted[i], i + 1, options.distorted.size());
      auto found = planned->workshop.shop().compare(
          options.reference, options.distorted[i], planned->metrics, how,
          [&](double fraction, int64_t pairs) { progress.advance(fraction, pairs); });
      if (!found && found.error().kind == problem::cancelled)
         return tl::unexpected(found.error());
      if (!found) {
         (void)report(found.error());
         failures = true;
         continue;
      }
      progress.done(found->alignment.pairs);
      results::add_formula_values(*found, planned->formulas);
      gates_passed &= pass_gates(planned->gates, *found);
      failures |= has_failures(*found);
   }
   tell_of_cache(planned->workshop.shop(), options.comparing.common.quiet);
   if (!gates_passed)
      return exit_gate;
   return failures ? exit_partial : exit_success;
}

struct cache_command {
   const char *name, *help;
   result<int> (*run)(const cache_options &options);
};
constexpr cache_command cache_commands[] = {
    {"status", "Tell how much is kept, and where", status},
    {"clear", "Forget everything", clear},
    {"warm", "Compare, keep the values, and show nothing", warm},
    {"verify", "Read everything, and drop what is damaged", verify},
};

} // namespace

command add_cache(CLI::App &app) {
   auto options = std::make_shared<cache_options>();
   CLI::App *parser = app.add_subcommand("cache", "Values that are kept from one run for another");
   parser->require_subcommand(1);
   std::vector<std::pair<CLI::App *, const cache_command *>> parsers;
   for (const cache_command &one : cache_commands) {
      CLI::App *made = parser->add_subcommand(one.name, one.help);
      if (one.run == warm) {
         made->add_option("REFERENCE", options->reference, "The original")->required();
         made->add_option("DISTORTED", options->distorted, "What became of it: once or more")->required();
         add_comparing_options(*made, options->comparing);
      } else {
         add_common_options(*made, options->comparing.common);
      }
      parsers.emplace_back(made, &one);
   }
   return {parser, [options, parsers] {
              const auto asked = std::find_if(parsers.begin(), parsers.end(),
                                              [](const auto &one) { return one.first->parsed(); });
              const result<int> outcome = asked->second->run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
