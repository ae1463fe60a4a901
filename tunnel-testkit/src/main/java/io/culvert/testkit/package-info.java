/**
 * Fakes, faults and contract suites for tests. Nothing here waits for time to pass: what a test
 * awaits is a condition, and {@link io.culvert.testkit.RecordingListener#HANG_GUARD} only ends
 * tests that would otherwise never end.
 */
package io.culvert.testkit;
