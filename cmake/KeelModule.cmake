# keel_module(): the one way to make a target. It gives a folder its include root, its layer, its declared
# dependencies and its tests, and refuses what the architecture refuses (docs/architecture.md):
#
#   keel_module(journal                      the folder below src/, and the include prefix: "journal/x.hpp"
#     LAYER 3                                from cmake/KeelLayers, see the table in docs/architecture.md
#     SOURCES a.cpp b.cpp
#     HEADERS a.hpp b.hpp                    public headers; each is compiled alone by a test of the gates
#     DEPENDS base runtime                   Keel folders whose headers may be included, and are re-exported
#     LIBRARIES OpenSSL::Crypto              third-party libraries: private to this folder
#     TESTS a_test.cpp b_test.cpp            one test executable per folder
#     TEST_DEPENDS sim/world                 folders that only the tests may include
#     TEST_LIBRARIES rapidcheck
#     PURE                                   compiled with -Wunsafe-buffer-usage; read by the purity gate
#     ROOT src                               or sim, where the folder lies outside src/
#   )
#
# An include of a folder that was not declared does not compile: every folder has an include root of its own
# (a directory in the build tree that holds one link, to the folder). An arrow to a higher layer, or to a
# folder that is not yet defined, stops the configuration.

include_guard(GLOBAL)

set_property(GLOBAL PROPERTY KEEL_LAYER_MAP "")
set_property(GLOBAL PROPERTY KEEL_PROGRAM_MAP "")

# The precompiled header: the standard headers that nearly every file wants. One per flavour, shared by all.
file(WRITE "${CMAKE_BINARY_DIR}/pch/keel_pch.cpp" "// Holds the precompiled header.\n")
add_library(keel_pch OBJECT "${CMAKE_BINARY_DIR}/pch/keel_pch.cpp")
target_link_libraries(keel_pch PRIVATE keel_flags)
target_precompile_headers(keel_pch PRIVATE "${CMAKE_SOURCE_DIR}/cmake/keel_pch.hpp")
# What names it in the compiler's cache: its text, the flags, and the compiler with its library.
file(SHA256 "${CMAKE_SOURCE_DIR}/cmake/keel_pch.hpp" keel_pch_text)
get_target_property(keel_pch_options keel_flags INTERFACE_COMPILE_OPTIONS)
get_target_property(keel_pch_definitions keel_flags INTERFACE_COMPILE_DEFINITIONS)
file(WRITE "${CMAKE_BINARY_DIR}/CMakeFiles/keel_pch.dir/cmake_pch.hxx.pch.sum"
  "${keel_pch_text} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE} ${CMAKE_CXX_FLAGS_RELWITHDEBINFO} ${CMAKE_CXX_STANDARD_LIBRARIES} ${keel_pch_options} ${keel_pch_definitions}\n")

# A target of this kind is what compilations wait for; of an object library they would wait for nothing.
add_custom_target(keel_pch_made)
add_dependencies(keel_pch_made keel_pch)

# By a path relative to the build tree, which is the same in every checkout (target_precompile_headers with
# REUSE_FROM would write an absolute one into every command, and no two checkouts would share the cache).
function(keel_use_pch target)
  add_dependencies(${target} keel_pch_made)
  target_compile_options(${target} PRIVATE
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include-pch CMakeFiles/keel_pch.dir/cmake_pch.hxx.pch>")
endfunction()

function(keel_target_name folder out)
  string(REPLACE "/" "_" name "keel_${folder}")
  set(${out} "${name}" PARENT_SCOPE)
endfunction()

# The layer check: lower layers freely; the same layer only inside one top folder (modules/a -> modules/b).
function(keel_check_arrow from from_layer to)
  keel_target_name("${to}" to_target)
  if(NOT TARGET ${to_target})
    message(FATAL_ERROR "keel_module(${from}): depends on ${to}, which is not defined (yet): "
                        "a folder may only depend on folders that stand before it in CMakeLists.txt")
  endif()
  get_target_property(to_layer ${to_target} KEEL_LAYER)
  string(REGEX REPLACE "/.*" "" from_top "${from}")
  string(REGEX REPLACE "/.*" "" to_top "${to}")
  if(to_layer GREATER from_layer OR (to_layer EQUAL from_layer AND NOT from_top STREQUAL to_top))
    message(FATAL_ERROR "keel_module(${from}): layer ${from_layer} may not depend on ${to} (layer ${to_layer}): "
                        "an arrow goes only to a lower layer")
  endif()
endfunction()

# Appends `, "path": "src/x", "sources": ["a.cpp"], …` to a row: where the folder lies, and the caller's ARG_ lists.
function(keel_append_json_lists out)
  file(RELATIVE_PATH path "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  set(text "${${out}}, \"path\": \"${path}\"")
  foreach(list IN LISTS ARGN)
    string(TOLOWER "${list}" key)
    list(JOIN ARG_${list} "\", \"" items)
    string(APPEND text ", \"${key}\": [\"${items}\"]")
  endforeach()
  string(REPLACE "[\"\"]" "[]" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(keel_module folder)
  cmake_parse_arguments(ARG "PURE" "LAYER;ROOT" "SOURCES;HEADERS;DEPENDS;LIBRARIES;TESTS;TEST_DEPENDS;TEST_LIBRARIES" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "keel_module(${folder}): unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT DEFINED ARG_LAYER)
    message(FATAL_ERROR "keel_module(${folder}): LAYER is missing")
  endif()
  if(NOT ARG_ROOT)
    set(ARG_ROOT src)
  endif()
  keel_target_name("${folder}" target)

  # The include root: <build>/include/<target>/ holds nothing but the path to this folder.
  set(include_root "${CMAKE_BINARY_DIR}/include/${target}")
  set(link "${include_root}/${folder}")
  get_filename_component(link_parent "${link}" DIRECTORY)
  file(MAKE_DIRECTORY "${link_parent}")
  if(NOT IS_SYMLINK "${link}")
    file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${link}" SYMBOLIC)
  endif()

  set(scope PUBLIC)
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    keel_use_pch(${target})
    target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES})
    set_target_properties(${target} PROPERTIES KEEL_LAYER ${ARG_LAYER})
  else()
    set(scope INTERFACE)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${ARG_LIBRARIES})
    set_target_properties(${target} PROPERTIES KEEL_LAYER ${ARG_LAYER})
  endif()
  target_include_directories(${target} ${scope} "${include_root}")
  target_link_libraries(${target} ${scope} keel_flags)
  foreach(dependency IN LISTS ARG_DEPENDS)
    keel_check_arrow("${folder}" ${ARG_LAYER} "${dependency}")
    keel_target_name("${dependency}" dependency_target)
    target_link_libraries(${target} ${scope} ${dependency_target})
  endforeach()
  if(ARG_PURE AND ARG_SOURCES)
    target_compile_options(${target} PRIVATE -Wunsafe-buffer-usage)
  endif()

  # What the gates read.
  set(row "{\"folder\": \"${folder}\", \"root\": \"${ARG_ROOT}\", \"layer\": ${ARG_LAYER}")
  string(TOLOWER "${ARG_PURE}" pure)
  string(APPEND row ", \"pure\": ${pure}")
  keel_append_json_lists(row HEADERS SOURCES DEPENDS LIBRARIES TESTS TEST_DEPENDS)
  set_property(GLOBAL APPEND PROPERTY KEEL_LAYER_MAP "${row}}")

  if(ARG_TESTS)
    add_executable(${target}_test ${ARG_TESTS})
    keel_use_pch(${target}_test)
    target_link_libraries(${target}_test PRIVATE ${target} GTest::gtest GTest::gtest_main ${ARG_TEST_LIBRARIES})
    foreach(dependency IN LISTS ARG_TEST_DEPENDS)
      keel_target_name("${dependency}" dependency_target)
      target_link_libraries(${target}_test PRIVATE ${dependency_target})
    endforeach()
    set_target_properties(${target}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    add_test(NAME ${folder} COMMAND ${target}_test)
    set_tests_properties(${folder} PROPERTIES TIMEOUT 300 LABELS unit)
  endif()
endfunction()

# An executable of the composition layer.
function(keel_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  keel_use_pch(${name})
  target_link_libraries(${name} PRIVATE keel_flags ${ARG_LIBRARIES})
  foreach(dependency IN LISTS ARG_DEPENDS)
    keel_target_name("${dependency}" dependency_target)
    target_link_libraries(${name} PRIVATE ${dependency_target})
  endforeach()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  set(row "{\"program\": \"${name}\"")
  keel_append_json_lists(row SOURCES DEPENDS LIBRARIES)
  set_property(GLOBAL APPEND PROPERTY KEEL_PROGRAM_MAP "${row}}")
endfunction()

# Writes <build>/layers.json: the modules and programs as declared, for the gates and for ./test.
function(keel_write_layer_map)
  get_property(modules GLOBAL PROPERTY KEEL_LAYER_MAP)
  get_property(programs GLOBAL PROPERTY KEEL_PROGRAM_MAP)
  list(JOIN modules ",\n    " modules)
  list(JOIN programs ",\n    " programs)
  file(WRITE "${CMAKE_BINARY_DIR}/layers.json"
       "{\n  \"modules\": [\n    ${modules}\n  ],\n  \"programs\": [\n    ${programs}\n  ]\n}\n")
endfunction()
