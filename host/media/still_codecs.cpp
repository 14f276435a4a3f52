#include "media/still_codecs.hpp"

#include <boost/dll/shared_library.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

namespace giflab::media {

namespace fs = std::filesystem;

namespace {

using decode_function = cv::Mat(const cv::Mat &, int);

// Stays loaded until the process ends.
const boost::dll::shared_library &library() {
   static const boost::dll::shared_library *loaded = [] {
      const fs::path program = fs::read_symlink("/proc/self/exe");
      const fs::path path = program.parent_path().parent_path() / "lib/giflab/still_codecs.so";
      try {
         return new boost::dll::shared_library(path.string());
      } catch (const std::exception &failure) {
         throw std::runtime_error(
             fmt::format("the codecs for stills cannot be loaded ({}): reinstall giflab", failure.what()));
      }
   }();
   return *loaded;
}

} // namespace

cv::Mat decode_with_codecs(const cv::Mat &bytes, int flags) {
   return library().get<decode_function>("giflab_decode_still")(bytes, flags);
}

} // namespace giflab::media
