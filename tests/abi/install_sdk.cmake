# Installs the SDK alone, builds the example against it in two ways, and loads both with the host.
file(REMOVE_RECURSE ${WORK})
function(run)
   execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
   if(NOT status EQUAL 0)
      message(FATAL_ERROR "${ARGN}\n${output}")
   endif()
   set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} -S ${SOURCE}/sdk -B ${WORK}/build -G ${GENERATOR})
run(${CMAKE_COMMAND} --install ${WORK}/build --prefix ${WORK}/prefix)

# By the CMake package.
file(MAKE_DIRECTORY ${WORK}/by_cmake)
file(COPY ${SOURCE}/sdk/examples/psnr.c DESTINATION ${WORK}/by_cmake)
file(WRITE ${WORK}/by_cmake/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(example LANGUAGES C)
find_package(giflab-sdk 1.0 REQUIRED)
giflab_add_plugin(psnr psnr.c)
target_link_libraries(psnr PRIVATE m)
")
run(${CMAKE_COMMAND} -S ${WORK}/by_cmake -B ${WORK}/by_cmake/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/by_cmake/build)

# By pkg-config and the compiler alone.
file(MAKE_DIRECTORY ${WORK}/by_pkg_config)
run(${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${WORK}/prefix/share/pkgconfig pkg-config --cflags giflab-sdk)
string(STRIP "${output}" flags)
separate_arguments(flags)
run(${COMPILER} -std=c11 -Wall -Wextra -Werror -shared -fPIC ${flags} ${SOURCE}/sdk/examples/psnr.c
    -o ${WORK}/by_pkg_config/psnr.so -lm)

foreach(way by_cmake/build by_pkg_config)
   run(${GIFLAB} plugins --all --plugin ${WORK}/${way})
   if(NOT output MATCHES "org.example.psnr ")
      message(FATAL_ERROR "the host does not list the example built ${way}:\n${output}")
   endif()
endforeach()
