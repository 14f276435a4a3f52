#pragma once
// OpenCV's codecs, loaded when the first still is decoded: they bring well over a hundred libraries along,
// whose loading would cost every start of the program more than most comparisons take.

#include <opencv2/core/mat.hpp>

namespace giflab::media {

// cv::imdecode, of the library of codecs beside the program. Any thread. Throws cv::Exception, and
// std::runtime_error with a sentence if the library of codecs cannot be loaded.
cv::Mat decode_with_codecs(const cv::Mat &bytes, int flags);

} // namespace giflab::media
