# The CUDA toolkit, which is used if it is here and never needed. Sets GIFLAB_WITH_CUDA, and with it the language.
# Included by the project itself and by tools/gpu_check, so that both compile device code alike.
set(GIFLAB_CUDA AUTO CACHE STRING "Build the device layer: AUTO (if nvcc is found), ON or OFF")
set_property(CACHE GIFLAB_CUDA PROPERTY STRINGS AUTO ON OFF)
# Machine code for each generation, and PTX for those to come: compiling it on the user's machine takes a second.
set(GIFLAB_CUDA_ARCHITECTURES "75-real;80-real;86-real;89-real;90" CACHE STRING
    "What device code is compiled for, as CMAKE_CUDA_ARCHITECTURES takes it")

set(GIFLAB_WITH_CUDA OFF)
if(NOT GIFLAB_CUDA STREQUAL "OFF")
   find_program(GIFLAB_NVCC nvcc HINTS ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES bin)
   if(GIFLAB_NVCC)
      set(CMAKE_CUDA_COMPILER ${GIFLAB_NVCC})
      set(CMAKE_CUDA_ARCHITECTURES ${GIFLAB_CUDA_ARCHITECTURES})
      enable_language(CUDA)
      find_package(CUDAToolkit REQUIRED)
      set(GIFLAB_WITH_CUDA ON)
   elseif(GIFLAB_CUDA STREQUAL "ON")
      message(FATAL_ERROR "GIFLAB_CUDA is ON, but there is no nvcc: set CUDA_PATH to the toolkit, or use AUTO")
   endif()
endif()

# How device code of a target is compiled. -std as an option: CMake 3.25 knows no C++20 for CUDA. The runtime goes
# inside, so that no library is missed where there is no CUDA; it looks for the driver when it is first used.
function(giflab_device_code target)
   set_target_properties(${target} PROPERTIES CUDA_RUNTIME_LIBRARY Static CUDA_VISIBILITY_PRESET hidden
                                              CUDA_STANDARD_REQUIRED OFF)
   # Line numbers cost nothing and tell the checkers where they are.
   target_compile_options(${target} PRIVATE
      "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20;-lineinfo;-Werror=all-warnings;-Xcompiler=-Wall,-Wextra,-Wshadow,-Werror,-ffp-contract=off;--expt-relaxed-constexpr>")
   target_compile_definitions(${target} PUBLIC GIFLAB_WITH_CUDA)
endfunction()
