/**
 * Deterministic simulation: two engines over a simulated network and clock, everything drawn from
 * one seed. No threads and no wall clock.
 */
package io.culvert.testkit.sim;
