"""Shows what keel_module() refuses: at configuration an arrow to a higher layer or to nothing, at compilation an
undeclared include, and, in a pure folder, pointer arithmetic. Each case differs from one that passes by one word.
"""

import unittest

from scratch import Scratch

LOW = "keel_module(low LAYER 1 HEADERS low.hpp SOURCES low.cpp)"
LOW_FILES = {
    "src/low/low.hpp": "#pragma once\nnamespace keel { int low(int* numbers); }\n",
    "src/low/low.cpp": '#include "low/low.hpp"\nnamespace keel { int low(int* n) { return *n; } }\n',
}


class Layers(unittest.TestCase):

    def configure(
        self, folders: dict[str, str], files: dict[str, str] | None = None
    ) -> tuple[int, str]:
        with Scratch(files or {}) as project:
            project.use_keel_cmake(folders)
            return project.cmake("--preset", "dev")

    def build(self, folders: dict[str, str], files: dict[str, str]) -> tuple[int, str]:
        with Scratch(files) as project:
            project.use_keel_cmake(folders)
            code, output = project.cmake("--preset", "dev")
            self.assertEqual(0, code, output)
            return project.cmake("--build", "--preset", "dev")

    def test_an_arrow_to_a_lower_layer_configures(self):
        code, output = self.configure(
            {"low": "keel_module(low LAYER 1)", "high": "keel_module(high LAYER 2 DEPENDS low)"}
        )
        self.assertEqual(0, code, output)

    def test_an_arrow_to_a_higher_layer_stops_the_configuration(self):
        code, output = self.configure(
            {"low": "keel_module(low LAYER 3)", "high": "keel_module(high LAYER 2 DEPENDS low)"}
        )
        self.assertNotEqual(0, code)
        self.assertIn("keel_module(high): layer 2 may not depend on low (layer 3)", output)

    def test_an_arrow_to_a_neighbour_stops_the_configuration(self):
        code, output = self.configure(
            {
                "kernel": "keel_module(kernel LAYER 1)",
                "wire": "keel_module(wire LAYER 1 DEPENDS kernel)",
            }
        )
        self.assertNotEqual(0, code)
        self.assertIn("keel_module(wire): layer 1 may not depend on kernel (layer 1)", output)

    def test_an_arrow_to_an_undefined_folder_stops_the_configuration(self):
        code, output = self.configure({"high": "keel_module(high LAYER 2 DEPENDS low)"})
        self.assertNotEqual(0, code)
        self.assertIn("depends on low, which is not defined (yet)", output)

    def test_a_declared_include_compiles_and_an_undeclared_one_does_not(self):
        files = {**LOW_FILES, "src/high/high.cpp": '#include "low/low.hpp"\n'}
        code, output = self.build(
            {"low": LOW, "high": "keel_module(high LAYER 2 SOURCES high.cpp DEPENDS low)"}, files
        )
        self.assertEqual(0, code, output)
        code, output = self.build(
            {"low": LOW, "high": "keel_module(high LAYER 2 SOURCES high.cpp)"}, files
        )
        self.assertNotEqual(0, code)
        self.assertIn("'low/low.hpp' file not found", output)

    def test_pointer_arithmetic_does_not_compile_in_a_pure_folder(self):
        files = {
            **LOW_FILES,
            "src/low/low.cpp": '#include "low/low.hpp"\nnamespace keel { int low(int* n) { return n[1]; } }\n',
        }
        code, output = self.build({"low": LOW}, files)
        self.assertEqual(0, code, output)
        code, output = self.build({"low": LOW.replace("LAYER 1", "LAYER 1 PURE")}, files)
        self.assertNotEqual(0, code)
        self.assertIn("unsafe-buffer-usage", output)

    def test_a_raw_array_walked_by_pointer_does_not_compile_in_a_pure_folder(self):
        walk = "int low(int* n) { int sum = 0; for (int* p = n; p != n + 3; ++p) sum += *p; return sum; }"
        files = {
            **LOW_FILES,
            "src/low/low.cpp": f'#include "low/low.hpp"\nnamespace keel {{ {walk} }}\n',
        }
        code, output = self.build({"low": LOW.replace("LAYER 1", "LAYER 1 PURE")}, files)
        self.assertNotEqual(0, code)
        self.assertIn("unsafe-buffer-usage", output)


if __name__ == "__main__":
    unittest.main()
