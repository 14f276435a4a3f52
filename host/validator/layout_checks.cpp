// Pictures of every size, in memory of every layout: S03 to S06.
#include "validator/score_checks.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace giflab::validator {

namespace {

using namespace std::chrono_literals;

const char *const no_pixels = "it sees no pixels in memory";

// ---- S03

using size = std::pair<int32_t, int32_t>;

std::set<size> sizes_to_try(const giflab_plugin &table) {
   return {{1, 1},
           {1, 9},
           {9, 1},
           {2, 2},
           {7, 5},
           {31, 33},
           {4096, 1},
           {1, 4096},
           {table.least_width, table.least_height},
           {table.least_width + 1, table.least_height + 1}};
}

std::string list_of(const char *before, const std::vector<std::string> &sizes) {
   return sizes.empty() ? std::string() : fmt::format("{}{}", before, fmt::join(sizes, ", "));
}

// ---- S04, S05

struct layout_case {
   plane_layout reference, distorted;
   const char *how; // completes "Results differ ..."
};

constexpr plane_layout apart(std::size_t extra_stride) {
   return {plane_layout::guard::plain, extra_stride, 0xA5};
}
constexpr plane_layout padded(uint8_t padding) { return {plane_layout::guard::plain, 0, padding}; }

constexpr layout_case strides[] = {
    {apart(64), apart(64), "with rows 64 bytes further apart"},
    {apart(13 * 64), apart(13 * 64), "with rows 13 * 64 bytes further apart"},
    {apart(64), apart(5 * 64),
     "with rows 64 bytes further apart in the reference and 320 in the distorted picture"},
    {apart(3 * 64), apart(0), "with rows 192 bytes further apart in the reference alone"},
};
constexpr layout_case counted[] = {{{}, {.index_pairs = false}, "where the host counts no index_pairs"}};
constexpr layout_case paddings[] = {
    {padded(0), padded(0), "with 0 instead of 0xA5 behind the rows"},
    {padded(0xFF), padded(0xFF), "with 0xFF (NaN, as float) instead of 0xA5 behind the rows"},
    {padded(0), padded(0xFF), "with 0 behind the reference's rows and 0xFF behind the distorted picture's"},
};

// A clip whose rows end inside a block of 64 bytes in every representation.
test_clip clip_with_padding(const subject &given) {
   auto [width, height] = size_for(*given.plugin, 37, 9);
   return make_clip(width % 16 == 0 ? width + 1 : width, height, 3, given.seed);
}

evaluation evaluate_laid_out(const subject &given, const test_clip &clip, const layout_case &layout,
                             std::string &overwritten) {
   test_host host(*given.plugin, conduct_of(given));
   laid_out_clip shown(clip, given.plugin->table, layout.reference, layout.distorted);
   evaluation outcome = evaluate(host, clip, shown);
   if (overwritten.empty())
      overwritten = shown.overwritten();
   return outcome;
}

// Every layout against the plain one. `overwritten` tells of a plugin that wrote to its input.
finding compare_layouts(const subject &given, const test_clip &clip, std::span<const layout_case> layouts,
                        std::string &overwritten, const std::string &advice) {
   const layout_case plain{{}, {}, ""};
   comparison_of_runs runs(*given.plugin, evaluate_laid_out(given, clip, plain, overwritten));
   for (const layout_case &layout : layouts)
      if (!runs.comparable() || !runs.add(evaluate_laid_out(given, clip, layout, overwritten), layout.how))
         break;
   return runs.result(advice);
}

// Pictures of so few pixels that they have palettes, whatever they show.
finding compare_counted(const subject &given) {
   const auto [width, height] = size_for(*given.plugin, 16, 13);
   std::string overwritten;
   return compare_layouts(given, make_clip(width, height, 3, given.seed), counted, overwritten,
                          "index_pairs are the planes' own pixels, counted");
}

} // namespace

finding check_sizes(const subject &given) {
   if (const std::string why = missing_model(given); !why.empty())
      return skipped(why);
   const modules::plugin &guest = *given.plugin;
   std::vector<std::string> taken, refused, below, left;
   const time_allowance time(10s);
   for (const auto &[width, height] : sizes_to_try(guest.table)) {
      const std::string name = size_text(width, height);
      if (width < guest.table.least_width || height < guest.table.least_height) {
         below.push_back(name);
         continue;
      }
      if (time.spent()) {
         left.push_back(name);
         continue;
      }
      const evaluation outcome = evaluate(guest, conduct_of(given), make_clip(width, height, 2, given.seed));
      if (!outcome.ok() && outcome.status != GIFLAB_UNSUPPORTED)
         return failed_check(fmt::format("pictures of {}: {}; raise .least_width or .least_height, or give "
                                         "GIFLAB_UNSUPPORTED for what it does not do",
                                         name, said_by(outcome)));
      (outcome.ok() ? taken : refused).push_back(name);
   }
   const std::string told = list_of("; unsupported, it says: ", refused) +
                            list_of("; below its least size and never called: ", below) +
                            list_of("; left out, as it is slow: ", left);
   return taken.empty() ? skipped("it took none of the sizes" + told) : passed(list_of("takes ", taken) + told);
}

finding check_strides(const subject &given) {
   if (!sees_pixels(*given.plugin))
      return skipped(no_pixels);
   std::string overwritten;
   const finding found = compare_layouts(given, clip_with_padding(given), strides, overwritten,
                                         "a row begins at data + y * stride, with the stride of its own plane");
   const bool takes_counted = given.plugin->table.flags & GIFLAB_FLAG_INDEX8_ALONE;
   return takes_counted && found.verdict == verdict::pass ? compare_counted(given) : found;
}

finding check_padding(const subject &given) {
   if (!sees_pixels(*given.plugin))
      return skipped(no_pixels);
   std::string overwritten;
   const finding found =
       compare_layouts(given, clip_with_padding(given), paddings, overwritten,
                       "only the first width * bytes_per_pixel bytes of a row mean something");
   return overwritten.empty() ? found : failed_check(overwritten);
}

finding check_guard_pages(const subject &given) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
   return skipped("the sanitizer of this build owns the handler of faults; " + given.plugin->id() +
                  " needs a build without one for this check");
#else
   const modules::plugin &guest = *given.plugin;
   if (!sees_pixels(guest))
      return skipped(no_pixels);
   const time_allowance time(10s);
   std::size_t judged = 0;
   for (const auto &[width, height] : {size{1, 1}, size{7, 5}, size{16, 4}, size{33, 9}, size{65, 3}}) {
      if (judged > 0 && time.spent())
         return passed("as far as 10 s went: it is slow");
      const auto [wide, high] = size_for(guest, width, height);
      const test_clip clip = make_clip(wide, high, 2, given.seed);
      for (const auto guarded : {plane_layout::guard::against_next, plane_layout::guard::against_previous}) {
         const plane_layout layout{guarded, 0, 0xA5};
         test_host host(guest, conduct_of(given));
         laid_out_clip shown(clip, guest.table, layout, layout);
         judged += evaluate(host, clip, shown).ok();
      }
   }
   return judged == 0 ? skipped("it took none of the sizes") : passed();
#endif
}

} // namespace giflab::validator
