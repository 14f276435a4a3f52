// The library of codecs that still_codecs.cpp loads: the only file that is linked against them.

#include "media/still_codecs.hpp"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace giflab::media {

namespace {

cv::Mat as_rgba8(cv::Mat pixels) {
   if (pixels.depth() == CV_16U)
      pixels.convertTo(pixels, CV_8U, 255.0 / 65535.0); // rounds
   cv::Mat rgba;
   const int from = pixels.channels();
   cv::cvtColor(pixels, rgba,
                from == 1   ? cv::COLOR_GRAY2RGBA
                : from == 3 ? cv::COLOR_BGR2RGBA
                            : cv::COLOR_BGRA2RGBA);
   return rgba;
}

// Grey, BGR or BGRA of 8 or 16 bits a channel.
cv::Mat decoded(std::span<const uint8_t> bytes, bool turning, std::string &undecodable) {
   const cv::Mat input(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<uint8_t *>(bytes.data()));
   // OpenCV turns by EXIF only what it may also convert to plain colour.
   const int flags = turning ? cv::IMREAD_COLOR : cv::IMREAD_UNCHANGED;
   try {
      return cv::imdecode(input, flags);
   } catch (const cv::Exception &thrown) {
      undecodable = thrown.err;
      return {};
   }
}

} // namespace

} // namespace giflab::media

using giflab::media::decoded_still;

extern "C" __attribute__((visibility("default"))) decoded_still
giflab_decode_still(std::span<const uint8_t> bytes, bool turning) {
   decoded_still made;
   const cv::Mat pixels = giflab::media::decoded(bytes, turning, made.undecodable);
   if (pixels.empty())
      return made;
   try {
      const auto rgba = std::make_shared<const cv::Mat>(giflab::media::as_rgba8(pixels));
      made.width = rgba->cols;
      made.height = rgba->rows;
      made.rgba = rgba->ptr<uint8_t>();
      made.stride = rgba->step;
      made.owner = rgba;
   } catch (const cv::Exception &thrown) {
      made.unconvertible = thrown.err;
   }
   return made;
}
