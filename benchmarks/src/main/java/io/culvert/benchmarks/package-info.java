/**
 * Measurements: always several candidates in the same run, and their ratio to a baseline, because
 * machines are noisy. Started by {@code scripts/benchmark}.
 */
package io.culvert.benchmarks;
