#include "seeds.hpp"

#include "../host/media/gif_writer.hpp"
#include "../host/model_files/torch_writer.hpp"

#include <string>

namespace giflab::tests {

namespace {

const palette four{{10, 20, 30}, {200, 0, 0}, {0, 200, 0}, {0, 0, 200}};

bytes pattern(int count) {
   bytes made;
   for (int i = 0; i < count; ++i)
      made.push_back(static_cast<uint8_t>(i * i / 3 % 4));
   return made;
}

bytes animation(int disposal, bool interlaced) {
   gif_writer writer(12, 9, four);
   writer.loop(3);
   writer.frame({.width = 12, .height = 9, .indices = pattern(108), .disposal = disposal});
   writer.frame({.x = 3,
                 .width = 12,
                 .height = 5,
                 .indices = pattern(60),
                 .disposal = disposal,
                 .transparent = 2,
                 .interlaced = interlaced,
                 .local = four});
   writer.frame({.x = 1, .y = 7, .width = 4, .height = 4, .indices = pattern(16)});
   return writer.trailer().file;
}

bytes still_headers(int which) {
   switch (which) {
   case 0:
      return {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0,   0,   13,  'I', 'H',
              'D',  'R', 0,   0,   0,    4,    0,    0,    0, 5,   8,   6,   0,   0,
              0,    1,   2,   3,   4,    0,    0,    0,    8, 'a', 'c', 'T', 'L'};
   case 1:
      return {0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC2, 0, 17, 8, 0, 5, 0, 4, 3, 1, 0x11, 0};
   case 2:
      return {'R', 'I', 'F', 'F', 30, 0, 0, 0, 'W', 'E', 'B', 'P', 'V', 'P', '8',
              'X', 10,  0,   0,   0,  2, 0, 0, 0,   3,   0,   0,   4,   0,   0};
   default:
      return {'R', 'I', 'F', 'F', 30, 0, 0, 0, 'W',  'E', 'B', 'P', 'V', 'P', '8', 'L',
              10,  0,   0,   0,   47, 3, 0, 1, 0x10, 0,   0,   0,   0,   0,   0};
   }
}

bytes weights() {
   const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                              R"("b":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}}  )";
   bytes made = {static_cast<uint8_t>(header.size()), 0, 0, 0, 0, 0, 0, 0};
   made.insert(made.end(), header.begin(), header.end());
   made.resize(made.size() + 12);
   return made;
}

// The header of a module, all of whose tables are empty.
bytes module_header() {
   bytes made = {0x7F, 'E', 'L', 'F'};
   made.resize(64);
   return made;
}

} // namespace

std::vector<std::vector<uint8_t>> seeds() {
   std::vector<bytes> made;
   for (int disposal = 0; disposal < 4; ++disposal)
      made.push_back(animation(disposal, disposal % 2 == 1));
   for (int which = 0; which < 4; ++which)
      made.push_back(still_headers(which));
   made.push_back(weights());
   made.push_back(module_header());
   const std::vector<torch_writer::numbers> tensors = {{"a", {2, 1}, "12345678"}, {"b", {1}, "1234"}};
   for (const std::string &file : {torch_writer::zip_file(tensors), torch_writer::legacy_file(tensors)})
      made.emplace_back(file.begin(), file.end());
   return made;
}

} // namespace giflab::tests
