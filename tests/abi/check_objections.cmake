# Each change below breaks plugins of ABI 1.0, and abidiff has to say so by name: a guard that cannot object is none.
include(${CMAKE_CURRENT_LIST_DIR}/change_headers.cmake)
function(expect_objection words header old new)
   changed_headers(${HEADERS} ${WORK}/headers)
   change(${header} "${old}" "${new}")
   execute_process(COMMAND ${CMAKE_COMMAND} -DSOURCE=${SOURCE} -DHEADERS=${WORK}/headers -DWORK=${WORK}/sdk
                           -DC_COMPILER=${C_COMPILER} -DCXX_COMPILER=${CXX_COMPILER} -DABIDIFF=${ABIDIFF}
                           -DDESCRIPTION=${DESCRIPTION} -DEXPECTED=${words}
                           -P ${CMAKE_CURRENT_LIST_DIR}/check_description.cmake
                   COMMAND_ERROR_IS_FATAL ANY)
endfunction()

if(NOT ABIDIFF)
   message("skipped: no abidiff; tools/setup installs it")
   return()
endif()
expect_objection("'int32_t width' offset changed" frame "int32_t  width, height; " "int32_t  height, width; ")
expect_objection("'giflab_model_source::size' changed" plugin "uint64_t    size;    // in bytes"
                 "double    size;    // in bytes")
expect_objection("'giflab_call::scratch' changed" host "uint32_t memory, size_t bytes)"
                 "size_t bytes, uint32_t memory)")
expect_objection("'giflab_metric::inspect' changed" plugin "const giflab_comparison *comparison)"
                 "const giflab_file *file)")
expect_objection("GIFLAB_IO' from value '6' to '9'" abi "GIFLAB_IO          = 6" "GIFLAB_IO          = 9")
