#include "engine/open_files.hpp"

#include "engine/memory_needs.hpp"
#include "engine/timed_reader.hpp"
#include "media/resize.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace giflab::engine {

namespace {

open_files timed_decoding(open_files files, services::profile *into) {
   files.reference = timed(std::move(files.reference), into);
   files.distorted = timed(std::move(files.distorted), into);
   return files;
}

result<opened_original> open_reference(const std::string &path, uint32_t forms,
                                       const comparison_options &options, machine &on) {
   if (options.open)
      return options.open(path).map([](auto reader) { return opened_original{std::move(reader), nullptr}; });
   const bool resized = options.resize && options.resize->resized == side::reference;
   std::size_t most = options.kept_original_bytes;
   if (on.bound())
      most = std::min(most, on.bound()->share.own() / 8);
   if (options.level >= 2 && most > 0 && !resized)
      return on.originals().open({path, options.reading, options.background, picture_bytes(1, forms), most},
                                 on.pixels());
   auto plain = media::open(path, options.reading, on.pixels());
   if (!plain)
      return tl::unexpected(plain.error());
   return opened_original{std::move(*plain), nullptr};
}

} // namespace

result<open_files> open_both(const std::string &reference, const std::string &distorted, uint32_t forms,
                             const comparison_options &options, machine &on) {
   const services::stage_timer timer(on.profile(), services::stage::opening);
   auto first = open_reference(reference, forms, options, on);
   if (!first)
      return tl::unexpected(first.error());
   auto second = options.open ? options.open(distorted) : media::open(distorted, options.reading, on.pixels());
   if (!second)
      return tl::unexpected(second.error());
   const media::file_facts a = first->reader->facts(), b = (*second)->facts();
   open_files files{std::move(first->reader),
                    std::move(*second),
                    std::move(first->forms),
                    {a.width, a.height},
                    {b.width, b.height}};
   if (a.width == b.width && a.height == b.height)
      return timed_decoding(std::move(files), on.profile());
   if (!options.resize)
      return failed(
          problem::input,
          fmt::format("{} is {}x{} and {} is {}x{}: pictures of different sizes are not compared unless you "
                      "say which side to resize and how, as in --resize distorted:lanczos",
                      a.path, a.width, a.height, b.path, b.width, b.height));
   if (options.resize->resized == side::reference)
      files.reference =
          media::resized(std::move(files.reference), b.width, b.height, options.resize->filter, on.pixels());
   else
      files.distorted =
          media::resized(std::move(files.distorted), a.width, a.height, options.resize->filter, on.pixels());
   return timed_decoding(std::move(files), on.profile());
}

} // namespace giflab::engine
