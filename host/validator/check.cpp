#include "validator/check.hpp"

namespace giflab::validator {

const std::vector<check> &every_check() {
   static const std::vector<check> all = [] {
      std::vector<check> list;
      for (auto family : {loading_checks, descriptor_checks, score_checks, thread_checks, fault_checks,
                          resource_checks, product_checks})
         list.insert(list.end(), family().begin(), family().end());
      return list;
   }();
   return all;
}

} // namespace giflab::validator
