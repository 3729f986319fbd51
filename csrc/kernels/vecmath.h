/* vecmath.h: elementary functions of float and double. */
#ifndef TG_VECMATH_H
#define TG_VECMATH_H

TG_INLINE float sqrt_f32(float x) { return sqrtf(x); }
TG_INLINE double sqrt_f64(double x) { return sqrt(x); }
TG_INLINE float exp_f32(float x) { return expf(x); }
TG_INLINE double exp_f64(double x) { return exp(x); }
TG_INLINE float log_f32(float x) { return logf(x); }
TG_INLINE double log_f64(double x) { return log(x); }

#endif
