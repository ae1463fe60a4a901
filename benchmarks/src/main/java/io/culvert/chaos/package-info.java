/**
 * Calls of every kind in both directions while the network between the sides breaks, and what
 * became of them. Started by {@code scripts/chaos}.
 */
package io.culvert.chaos;
