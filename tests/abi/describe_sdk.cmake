# Makes WORK/sdk.so, with debug information: the SDK as a plugin of ABI 1.0 sees it, in C by the example and in C++
# by every_type.cpp. TARGET 0 hides what later minors add, so whatever differs between two such libraries differs
# for plugins that are out there.
# cmake -DSOURCE=REPOSITORY -DHEADERS=DIR -DWORK=DIR -DC_COMPILER=CC -DCXX_COMPILER=CXX -P describe_sdk.cmake
file(REMOVE_RECURSE ${WORK})
file(COPY ${SOURCE}/sdk/examples/psnr.c ${SOURCE}/tests/abi/every_type.cpp DESTINATION ${WORK})
set(flags -g -O0 -fPIC -DGIFLAB_TARGET=0 -I${HEADERS})
foreach(command "${C_COMPILER};-std=c11;${flags};-c;psnr.c" "${CXX_COMPILER};-std=c++20;${flags};-c;every_type.cpp"
                "${CXX_COMPILER};-shared;psnr.o;every_type.o;-o;sdk.so")
   execute_process(COMMAND ${command} WORKING_DIRECTORY ${WORK} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
