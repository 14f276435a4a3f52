// The library of codecs that still_codecs.cpp loads: the only file that is linked against them.

#include "media/still_codecs.hpp"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace giflab::media {

namespace {

// OpenCV drops what a grey PNG says of transparency.
cv::Mat transparent_pixels(const cv::Mat &pixels, const still_header &header) {
   cv::Mat found;
   if (header.transparent_grey && pixels.channels() == 1)
      cv::compare(pixels, cv::Scalar(*header.transparent_grey), found, cv::CMP_EQ);
   return found;
}

cv::Mat as_rgba8(cv::Mat pixels, const still_header &header) {
   const cv::Mat transparent = transparent_pixels(pixels, header);
   if (pixels.depth() == CV_16U)
      pixels.convertTo(pixels, CV_8U, 255.0 / 65535.0); // rounds
   cv::Mat rgba;
   const int from = pixels.channels();
   cv::cvtColor(pixels, rgba,
                from == 1   ? cv::COLOR_GRAY2RGBA
                : from == 3 ? cv::COLOR_BGR2RGBA
                            : cv::COLOR_BGRA2RGBA);
   if (!transparent.empty())
      rgba.setTo(cv::Scalar::all(0), transparent);
   return rgba;
}

// Grey, BGR or BGRA of 8 or 16 bits a channel.
cv::Mat decoded(std::span<const uint8_t> bytes, const still_header &header, std::string &undecodable) {
   const cv::Mat input(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<uint8_t *>(bytes.data()));
   // OpenCV turns by EXIF only what it may also convert to plain colour: all that a JPEG has.
   const int flags = header.format == file_format::jpeg ? cv::IMREAD_COLOR : cv::IMREAD_UNCHANGED;
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
giflab_decode_still(std::span<const uint8_t> bytes, const giflab::media::still_header &header) {
   decoded_still made;
   const cv::Mat pixels = giflab::media::decoded(bytes, header, made.undecodable);
   if (pixels.empty())
      return made;
   try {
      const auto rgba = std::make_shared<const cv::Mat>(giflab::media::as_rgba8(pixels, header));
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
