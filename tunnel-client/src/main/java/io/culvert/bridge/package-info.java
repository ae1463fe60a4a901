/** A local port whose connections become streams to a named agent. */
package io.culvert.bridge;
