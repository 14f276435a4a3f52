#include "validator/life.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace giflab::validator {

life::life(const modules::plugin &guest, const test_clip &clip, const std::string &folder)
    : guest_(guest), shown_(clip, guest.table), reference_(folder + "/life_reference.gif"),
      distorted_(folder + "/life_distorted.gif"),
      target_(folder + "/life_target." + (guest.table.encoder ? guest.table.encoder->extension : "")) {
   if (!guest.table.encoder && guest.table.scope != GIFLAB_SCOPE_FILE)
      return;
   if (!write_gif(clip, false, reference_) || !write_gif(clip, true, distorted_))
      throw std::runtime_error("no GIF could be written for a plugin that works on files");
   comparison_ =
       shown_.comparison(reference_.c_str(), distorted_.c_str(), std::filesystem::file_size(reference_),
                         std::filesystem::file_size(distorted_));
   if (guest.table.flags & GIFLAB_FLAG_NO_REFERENCE)
      comparison_.reference = nullptr;
}

evaluation life::run(test_host &host, const around_call &around, int rounds,
                     const std::map<std::string, giflab_value> &parameters) {
   test_instance instance(host, shown_.facts(), parameters);
   around("create", [&] { instance.create(); });
   evaluation last = instance.creation();
   for (int round = 0; round < rounds && last.ok(); ++round) {
      last = {};
      run_round(instance, around, last);
   }
   around("destroy", [&] { instance.destroy(); });
   return last;
}

void life::run_round(test_instance &with, const around_call &around, evaluation &into) {
   if (guest_.table.metric)
      run_metric(with, around, into);
   else if (guest_.table.filter)
      around("filter", [&] { with.filter(shown_, into); });
   else
      around("encode", [&] { with.encode(shown_, distorted_, target_, into); });
}

void life::run_metric(test_instance &with, const around_call &around, evaluation &into) {
   if (guest_.table.scope == GIFLAB_SCOPE_FILE)
      return around("inspect", [&] { with.inspect(comparison_, into); });
   const bool of_clip = guest_.table.scope == GIFLAB_SCOPE_CLIP;
   if (of_clip)
      around("begin", [&] { with.begin(shown_.facts(), into); });
   const auto pairs = shown_.pairs();
   const std::size_t batch = std::max<uint32_t>(guest_.table.batch, 1);
   for (std::size_t first = 0; first < pairs.size() && into.ok(); first += batch)
      around("measure",
             [&] { with.measure(pairs.subspan(first, std::min(batch, pairs.size() - first)), first, into); });
   if (of_clip && into.ok())
      around("finish", [&] { with.finish(into); });
}

void just_call(const char *, const std::function<void()> &call) { call(); }

} // namespace giflab::validator
