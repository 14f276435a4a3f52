#pragma once
// What the old package calls CIEDE2000 and is not: no T term, no rotation, no scaling of a'.

#include "clip.hpp"

#include <array>
#include <vector>

namespace giflab::classic {

// Remembers colours and pairs that it met: pictures of a palette repeat them. What it forgets it computes
// again, to the same bits.
class colour_differences {
 public:
   colour_differences();
   double between(uint32_t a, uint32_t b);

 private:
   struct lab {
      double l, a, b, chroma;
   };
   struct known_colour {
      uint32_t key;
      lab value;
   };
   struct known_pair {
      uint64_t key;
      double difference;
   };
   const lab &lab_of(uint32_t key);
   static double difference(const lab &p, const lab &q);

   std::vector<known_colour> colours_;
   std::vector<known_pair> pairs_;
};

} // namespace giflab::classic
