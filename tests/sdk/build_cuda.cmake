# Builds the CUDA example. It is compiled, loaded and used on the processor; its kernel needs a device.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
file(MAKE_DIRECTORY ${WORK}/build/modules)
run(${CMAKE_COMMAND} -S ${SOURCE}/sdk/examples/mse_cuda -B ${WORK}/build_cuda -G ${GENERATOR}
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CUDA_COMPILER=${NVCC}
    -DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${WORK}/build/modules)
run(${CMAKE_COMMAND} --build ${WORK}/build_cuda)
