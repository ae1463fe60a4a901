package io.culvert.cli;

import java.net.URI;

/**
 * Which JWTs a relay takes.
 *
 * @param keys where the JWK set is, https or file
 * @param claim which claim has the scopes
 */
record JwtSettings(String issuer, String audience, URI keys, String claim) {}
