#pragma once
// Runs a check under every instruction set that this machine has and the kernels were built for.

#include <doctest/doctest.h>
#include <hwy/highway.h>
#include <string>

namespace giflab::test {

template <class Check> void for_every_target(Check &&check) {
   for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
      hwy::SetSupportedTargetsForTest(target);
      hwy::GetChosenTarget().Update(hwy::SupportedTargets());
      const std::string name = hwy::TargetName(target);
      INFO("instruction set ", name);
      check();
   }
   hwy::SetSupportedTargetsForTest(0);
   hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

} // namespace giflab::test
