# Compares the SDK of these HEADERS with the description of ABI 1.0 by libabigail, and is content if the outcome
# holds EXPECTED: "same", or a part of abidiff's words. What was added is no difference (rules A2, A3, A6).
if(NOT ABIDIFF)
   message("skipped: no abidiff; tools/setup installs it")
   return()
endif()
include(${CMAKE_CURRENT_LIST_DIR}/describe_sdk.cmake)
execute_process(COMMAND ${ABIDIFF} --no-architecture --no-added-syms --leaf-changes-only --no-show-locs ${DESCRIPTION}
                        ${WORK}/sdk.so
                RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
if(EXPECTED STREQUAL "same")
   if(NOT status EQUAL 0)
      message("${text}") # as it is: errors are wrapped
      message(FATAL_ERROR "abidiff ended with ${status}: plugins of ABI 1.0 see something else now (rules A3 to A6 of "
                          "sdk/ABI.md). If that is meant, run tests/abi/renew and commit what it writes.")
   endif()
   return()
endif()
string(FIND "${text}" "${EXPECTED}" found)
if(status EQUAL 0 OR found EQUAL -1)
   message("${text}")
   message(FATAL_ERROR "abidiff ended with ${status} and should have said \"${EXPECTED}\"")
endif()
