/** Which agents serve which name, and which of them is next. */
package io.culvert.relay.route;
