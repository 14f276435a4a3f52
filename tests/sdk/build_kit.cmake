# Builds the examples and the new plugins in C and C++, and runs the tests that the new plugins bring along.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
foreach(language c cpp)
   foreach(kind metric filter encoder)
      new_plugin(${WORK}/projects new_${kind}_${language} ${language} ${kind})
   endforeach()
endforeach()
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/kit -B ${WORK}/build -G ${GENERATOR} -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
    -DEXAMPLES=${SOURCE}/sdk/examples -DPROJECTS=${WORK}/projects)
run(${CMAKE_COMMAND} --build ${WORK}/build)
# Without what they would have giflab check: that is for the test of `giflab check`.
run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/build --tests-regex unit_test --output-on-failure)
if(NOT output MATCHES "100% tests passed, 0 tests failed out of 6")
   message(FATAL_ERROR "not every new plugin has a unit test:\n${output}")
endif()
