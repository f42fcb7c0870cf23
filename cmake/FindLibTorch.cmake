# Finds LibTorch inside a PyTorch wheel, without importing it and without the wheel's own
# TorchConfig.cmake, which stops where there is no CUDA toolkit.
#
#   KITH_TORCH_DIR      the wheel's `torch` folder; default: that of .venv, then of python3
#   LibTorch::cpu       torch_cpu and c10
#   LibTorch::cuda      those, torch_cuda and c10_cuda; only where the wheel has them
#   LibTorch_VERSION

set(KITH_TORCH_DIR "" CACHE PATH "The torch folder of an installed PyTorch wheel (2.8 or newer)")

if(KITH_TORCH_DIR)
  set(_torch ${KITH_TORCH_DIR})
else()
  foreach(_python ${PROJECT_SOURCE_DIR}/.venv/bin/python python3)
    execute_process(
      COMMAND ${_python} -c
              "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE _torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(_torch)
      break()
    endif()
  endforeach()
endif()

if(EXISTS "${_torch}/version.py")
  file(STRINGS ${_torch}/version.py _line REGEX "__version__ = ")
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" LibTorch_VERSION "${_line}")
endif()

find_library(LibTorch_CPU torch_cpu PATHS ${_torch}/lib NO_DEFAULT_PATH NO_CACHE)
find_library(LibTorch_C10 c10 PATHS ${_torch}/lib NO_DEFAULT_PATH NO_CACHE)

find_library(LibTorch_CUDA torch_cuda PATHS ${_torch}/lib NO_DEFAULT_PATH NO_CACHE)
find_library(LibTorch_C10_CUDA c10_cuda PATHS ${_torch}/lib NO_DEFAULT_PATH NO_CACHE)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  LibTorch
  REQUIRED_VARS LibTorch_CPU LibTorch_C10
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE
    "Run tools/install_dependencies.sh, or set KITH_TORCH_DIR to the torch folder of a wheel.")

if(LibTorch_FOUND AND NOT TARGET LibTorch::cpu)
  foreach(_name c10 cpu)
    add_library(LibTorch::${_name} SHARED IMPORTED)
    set_target_properties(
      LibTorch::${_name} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
      "${_torch}/include;${_torch}/include/torch/csrc/api/include")
  endforeach()
  set_target_properties(LibTorch::c10 PROPERTIES IMPORTED_LOCATION ${LibTorch_C10})
  set_target_properties(LibTorch::cpu PROPERTIES IMPORTED_LOCATION ${LibTorch_CPU}
                                                 INTERFACE_LINK_LIBRARIES LibTorch::c10)
  # The wheel's libraries find their CUDA ones by themselves, at run time.
  target_link_options(LibTorch::cpu INTERFACE -Wl,--allow-shlib-undefined)
  if(LibTorch_CUDA AND LibTorch_C10_CUDA)
    add_library(LibTorch::c10_cuda SHARED IMPORTED)
    set_target_properties(LibTorch::c10_cuda PROPERTIES IMPORTED_LOCATION ${LibTorch_C10_CUDA})
    add_library(LibTorch::cuda SHARED IMPORTED)
    # Nothing calls torch_cuda: it says what tensors on a GPU do when it is loaded.
    set_target_properties(
      LibTorch::cuda PROPERTIES IMPORTED_LOCATION ${LibTorch_CUDA}
                                INTERFACE_LINK_LIBRARIES "LibTorch::cpu;LibTorch::c10_cuda")
    target_link_options(LibTorch::cuda INTERFACE -Wl,--no-as-needed)
  endif()
endif()
