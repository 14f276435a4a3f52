#include "experiments/features.hpp"

#include "experiments/experiment.hpp"

namespace giflab::experiments {

namespace {

result<results::comparison> examined(const experiment &of, const planned_source &source, engine::workshop &on) {
   results::comparison made;
   made.failure = source.failure;
   if (!made.failure.empty())
      return made;
   auto found = on.compare(source.about.path, source.about.path, of.features, of.comparing, nullptr);
   if (found)
      return found;
   if (found.error().kind == problem::cancelled)
      return tl::unexpected(found.error());
   made.failure = found.error().text;
   return made;
}

} // namespace

result<void> examine_features(const experiment &of, results::journal &in, engine::workshop &on) {
   auto known = in.features();
   if (!known)
      return tl::unexpected(known.error());
   for (std::size_t i = 0; i < of.sources.size(); ++i) {
      const auto number = static_cast<int64_t>(i) + 1;
      if (known->contains(number))
         continue;
      auto found = examined(of, of.sources[i], on);
      if (!found)
         return tl::unexpected(found.error());
      if (auto added = in.add_features(number, *found); !added)
         return added;
   }
   return {};
}

} // namespace giflab::experiments
