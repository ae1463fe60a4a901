/** The {@code culvert} command. */
package io.culvert.cli;
