# keel_fuzz(): one fuzz target (fuzz/README.md):
#
#   keel_fuzz(http_request                    fuzz/corpus/http_request/ holds its corpus
#     SOURCES http_request.cpp                defines LLVMFuzzerTestOneInput
#     DEPENDS wire/http                       Keel folders whose headers it may include
#     COVERS src/wire/http/request_parser.cpp the sources whose coverage tools/fuzz_coverage.sh demands
#     DICTIONARY http.dict                    optional words for the fuzzer, in fuzz/dictionaries/
#     MUTATOR line_mutator.cpp                optional: defines LLVMFuzzerCustomMutator
#   )
#
# In the flavour `fuzz` this makes the fuzzer itself, build/fuzz/fuzz/http_request. In every other flavour it makes
# a program that replays the corpus through the same function. Both register the replay as a test, fuzz/http_request:
# whatever was found once stays found, in dev, release and under the sanitizers.

include_guard(GLOBAL)

function(keel_fuzz name)
  cmake_parse_arguments(ARG "" "DICTIONARY;MUTATOR" "SOURCES;DEPENDS;COVERS" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "keel_fuzz(${name}): unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  set(corpus "${CMAKE_SOURCE_DIR}/fuzz/corpus/${name}")
  if(NOT IS_DIRECTORY "${corpus}")
    message(FATAL_ERROR "keel_fuzz(${name}): ${corpus} is missing: a target without a corpus proves nothing")
  endif()

  set(target "fuzz_${name}")
  add_executable(${target} ${ARG_SOURCES})
  keel_use_pch(${target})
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/fuzz/include")
  target_link_libraries(${target} PRIVATE keel_flags)
  foreach(dependency IN LISTS ARG_DEPENDS)
    keel_target_name("${dependency}" dependency_target)
    target_link_libraries(${target} PRIVATE ${dependency_target})
  endforeach()
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME "${name}" RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")

  # What the scripts of tools/ need to know of a target.
  list(JOIN ARG_COVERS "\n" covers)
  file(WRITE "${CMAKE_BINARY_DIR}/fuzz/${name}.covers" "${covers}\n")
  if(ARG_DICTIONARY)
    file(WRITE "${CMAKE_BINARY_DIR}/fuzz/${name}.dictionary"
         "${CMAKE_SOURCE_DIR}/fuzz/dictionaries/${ARG_DICTIONARY}\n")
  endif()

  if(KEEL_FLAVOUR STREQUAL "fuzz")
    target_sources(${target} PRIVATE ${ARG_MUTATOR})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz/${name} COMMAND ${target} -runs=0 "${corpus}")
  else()
    target_sources(${target} PRIVATE "${CMAKE_SOURCE_DIR}/fuzz/replay_main.cpp")
    add_test(NAME fuzz/${name} COMMAND ${target} "${corpus}")
  endif()
  set_tests_properties(fuzz/${name} PROPERTIES TIMEOUT 300)
endfunction()
