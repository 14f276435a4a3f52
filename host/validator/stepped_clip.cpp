#include "validator/stepped_clip.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace giflab::validator {

namespace fs = std::filesystem;

stepped_clip::stepped_clip(const modules::plugin &guest, const test_clip &clip, const fs::path &folder)
    : guest_(guest), shown_(clip, guest.table) {
   const bool of_files = guest.table.scope == GIFLAB_SCOPE_FILE;
   if (!of_files && !guest.table.encoder)
      return;
   fs::create_directories(folder);
   reference_ = folder / "reference.gif";
   source_ = folder / "distorted.gif";
   if (!write_gif(clip, false, reference_) || !write_gif(clip, true, source_))
      throw std::runtime_error("no GIF could be written into the check's folder");
   if (guest.table.encoder)
      target_ = folder / (std::string("target.") + guest.table.encoder->extension);
   else
      comparison_ = shown_.comparison(reference_.c_str(), source_.c_str(), fs::file_size(reference_),
                                      fs::file_size(source_));
   if (guest.table.flags & GIFLAB_FLAG_NO_REFERENCE)
      comparison_.reference = nullptr;
}

std::vector<stepped_clip::step> stepped_clip::metric_steps(test_instance &instance) {
   if (guest_.table.scope == GIFLAB_SCOPE_FILE)
      return {{false, [&](evaluation &into) { instance.inspect(comparison_, into); }}};
   const bool of_clip = guest_.table.scope == GIFLAB_SCOPE_CLIP;
   std::vector<step> list;
   if (of_clip)
      list.push_back({false, [&](evaluation &into) { instance.begin(shown_.facts(), into); }});
   for (std::size_t i = 0; i < shown_.pairs().size(); ++i)
      list.push_back(
          {false, [&, i](evaluation &into) { instance.measure(shown_.pairs().subspan(i, 1), i, into); }});
   if (of_clip)
      list.push_back({false, [&](evaluation &into) { instance.finish(into); }});
   return list;
}

std::vector<stepped_clip::step> stepped_clip::filter_steps(test_instance &instance) {
   std::vector<step> list;
   list.push_back({true, [&](evaluation &into) { instance.plan(shown_.facts(), into); }});
   for (std::size_t i = 0; i < shown_.pairs().size(); ++i)
      list.push_back({false, [&, i](evaluation &into) {
                         instance.apply(shown_.pairs()[i].distorted, fmt::format("apply, picture {}", i), into);
                      }});
   if (guest_.table.scope == GIFLAB_SCOPE_CLIP)
      list.push_back({false, [&](evaluation &into) { instance.apply(nullptr, "apply, the drain", into); }});
   return list;
}

std::vector<stepped_clip::step> stepped_clip::steps(test_instance &instance) {
   if (guest_.table.metric)
      return metric_steps(instance);
   if (guest_.table.filter)
      return filter_steps(instance);
   return {{false, [&](evaluation &into) {
               fs::remove(target_);
               instance.encode(shown_, source_, target_, into);
            }}};
}

} // namespace giflab::validator
