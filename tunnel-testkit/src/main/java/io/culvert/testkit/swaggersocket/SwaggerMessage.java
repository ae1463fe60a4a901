package io.culvert.testkit.swaggersocket;

/**
 * One WebSocket message that came.
 *
 * @param text whether its opcode was text; the Go library takes both
 * @param content all of it, as wire text
 * @param frames how many frames it came in
 */
public record SwaggerMessage(boolean text, String content, int frames) {}
